using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

using Registry.Contracts.Http;

namespace Registry.Gateway.Tests;

/// <summary>Configuration is read as a whole and every fault is named.</summary>
public sealed class LayoutTests
{
    private static readonly (string, string?)[] Services =
        [.. new[] { "auth", "packages", "storage", "search", "web" }.Select(name => ($"services:{name}:http:0", (string?)"http://127.0.0.1:1"))];

    [Fact]
    public void Without_configuration_the_documented_listeners_and_mounts_apply()
    {
        var layout = Read();

        layout.Listeners.Select(l => $"{l.Name} {l.Bindings[0].Address}:{l.Bindings[0].Port}")
            .ShouldBe(["web 127.0.0.1:8080", "npm 127.0.0.1:3000", "loft 127.0.0.1:3030"]);
        layout.Mounts.Count.ShouldBe(7);
        layout.CredentialHeaders.ShouldBe(["X-API-Key"]);
        layout.CacheBytes.ShouldBe(64 * 1024 * 1024);
    }

    [Fact]
    public void Default_mounts_of_listeners_that_do_not_exist_are_left_out()
    {
        var layout = Read(("Gateway:Listeners:web:Address", "http://0.0.0.0:8080; http://[::1]:8081"));

        layout.Mounts.Select(mount => mount.Listener).Distinct().ShouldBe(["web"]);
        layout.Listeners.Single().Bindings.Count.ShouldBe(2);
        layout.Listeners.Single().Hosts.ShouldContain(System.Net.Dns.GetHostName().ToLowerInvariant());
    }

    [Fact]
    public void Mounts_may_name_host_prefix_and_public_url()
    {
        var layout = Read(
            ("Gateway:Listeners:edge:Address", "http://*:80"),
            ("Gateway:Mounts:tools:Listener", "edge"), ("Gateway:Mounts:tools:Host", "Tools.example.test"), ("Gateway:Mounts:tools:Prefix", "/npm/{repository}/"),
            ("Gateway:Mounts:tools:Dialect", "npm"), ("Gateway:Mounts:tools:PublicUrl", "https://tools.example.test/npm/{repository}/"));

        layout.Mounts.Single().ShouldBe(new Gateway.Mounts.Mount(
            "tools", "edge", "tools.example.test", "/npm/{repository}/", Dialects.Npm, null, "https://tools.example.test/npm/{repository}"));
    }

    [Fact]
    public void Every_fault_is_named_at_once()
    {
        var failure = Should.Throw<OptionsValidationException>(() => GatewayLayout.Read(Configuration(
        [
            ("Gateway:Listeners:a:Address", "https://127.0.0.1:1"),
            ("Gateway:Listeners:b:Address", "http://registry.example.test:1"),
            ("Gateway:Listeners:c:PublicUrl", "ftp://x"),
            ("Gateway:Mounts:x:Listener", "nowhere"), ("Gateway:Mounts:x:Dialect", "cobol"), ("Gateway:Mounts:x:Prefix", "no/slash"),
            ("Gateway:Mounts:y:Listener", "a"), ("Gateway:Mounts:y:Dialect", "npm"), ("Gateway:Mounts:y:Repository", "Upper"),
            ("Gateway:Mounts:y:Host", "a b"), ("Gateway:Mounts:y:PublicUrl", "nonsense"),
            ("Gateway:Mounts:z:Listener", "a"), ("Gateway:Mounts:z:Dialect", "npm"), ("Gateway:Mounts:z:Prefix", "/p/{repository}/"), ("Gateway:Mounts:z:Repository", "main"),
            ("Gateway:TrustedProxies:0", "10.0.0.0/99"),
            ("Gateway:CredentialHeaders:0", "X Key"),
            ("Gateway:CacheBytes", "-1"),
            ("services:auth:http:0", "nonsense"), ("services:packages:http:0", "http://127.0.0.1:1"),
        ])));

        var faults = string.Join('\n', failure.Failures);
        foreach (var key in new[]
        {
            "listeners:a:Address", "Listeners:b:Address", "Listeners:c:PublicUrl", "Listeners:c:Address", "Mounts:x:Listener", "Mounts:x:Dialect", "Mounts:x:Prefix",
            "Mounts:y:Repository", "Mounts:y:Host", "Mounts:y:PublicUrl", "Mounts:z:Repository", "TrustedProxies", "CredentialHeaders", "CacheBytes",
            "services:auth:http:0", "services__storage__http__0", "services__search__http__0", "services__web__http__0",
        })
        {
            faults.ShouldContain(key, Case.Insensitive);
        }
    }

    [Theory]
    [InlineData("npm", "npm", true)]
    [InlineData("npm", "loft", true)]
    [InlineData("npm", "pantry", false)]
    public void Only_npm_and_pantry_share_a_place(string one, string other, bool isFault)
    {
        var settings = new (string, string?)[]
        {
            ("Gateway:Mounts:a:Listener", "web"), ("Gateway:Mounts:a:Dialect", one), ("Gateway:Mounts:b:Listener", "web"), ("Gateway:Mounts:b:Dialect", other),
        };

        if (isFault)
        {
            Should.Throw<OptionsValidationException>(() => Read(settings)).Message.ShouldContain("a and b claim the same place");
        }
        else
        {
            Read(settings).Mounts.Count.ShouldBe(2);
        }
    }

    [Theory]
    [InlineData("loft", null)]
    [InlineData("loft", "main")]
    [InlineData("npm", "loft")]
    public void Loft_is_never_given_upstreams(string dialect, string? repository)
    {
        var mount = new (string, string?)[] { ("Gateway:Mounts:a:Listener", "web"), ("Gateway:Mounts:a:Dialect", dialect), ("Gateway:Mounts:a:Repository", repository) };

        Read(mount).Mounts.ShouldHaveSingleItem().UsesUpstreams.ShouldBeFalse();
        Should.Throw<OptionsValidationException>(() => Read([.. mount, ("Gateway:Mounts:a:Upstreams", "true")])).Message
            .ShouldContain("Gateway:Mounts:a:Upstreams: there are no upstreams for loft");
    }

    [Fact]
    public void A_misspelt_key_is_named()
    {
        Should.Throw<OptionsValidationException>(() => Read(("Gateway:Mounts:a:Prefx", "/x/"))).Message.ShouldContain("Prefx");
    }

    private static GatewayLayout Read(params (string Key, string? Value)[] settings) => GatewayLayout.Read(Configuration([.. Services, .. settings]));

    private static IConfiguration Configuration((string Key, string? Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, s.Value))).Build();
}
