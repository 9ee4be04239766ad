using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Configuration;

using Registry.PackageService.Proxying;

namespace Registry.PackageService.Tests.Proxying;

public sealed class ProxyOptionsTests
{
    [Fact]
    public void Without_settings_nothing_is_asked_anywhere_and_what_is_kept_has_a_limit()
    {
        var options = Read();

        (options.File, options.Url, options.Enabled, options.MaxIdleDays).ShouldBe((null, null, true, 0));
        options.CacheBytes.ShouldBe(20L << 30);
        IsValid(options).ShouldBeTrue();
    }

    [Fact]
    public void A_url_that_compose_passes_empty_counts_as_none() => Read(("Upstreams:Url", "")).Url.ShouldBeNull();

    [Theory]
    [InlineData("Upstreams:CacheBytes", "1048575", false)]
    [InlineData("Upstreams:CacheBytes", "1048576", true)]
    [InlineData("Upstreams:CacheBytes", "1099511627776", true)]
    [InlineData("Upstreams:CacheBytes", "1099511627777", false)]
    [InlineData("Upstreams:MaxIdleDays", "-1", false)]
    [InlineData("Upstreams:MaxIdleDays", "90", true)]
    [InlineData("Upstreams:SearchMilliseconds", "49", false)]
    [InlineData("Upstreams:SearchMilliseconds", "5000", true)]
    public void Limits_are_checked(string key, string value, bool isValid) => IsValid(Read((key, value))).ShouldBe(isValid);

    private static ProxyOptions Read(params (string Key, string? Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value))).Build()
            .GetSection(ProxyOptions.Section).Get<ProxyOptions>() ?? new ProxyOptions();

    private static bool IsValid(ProxyOptions options) => Validator.TryValidateObject(options, new ValidationContext(options), null, validateAllProperties: true);
}
