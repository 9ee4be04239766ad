using Microsoft.AspNetCore.Http;

using Registry.Upstreams.Tests.Loopback;
using Registry.Upstreams.Types;

namespace Registry.Upstreams.Tests.Http;

/// <summary>Tarballs by the links that packuments hold.</summary>
public sealed class TarballTests : IAsyncLifetime
{
    private LoopbackServer? _server;

    private LoopbackServer Server => _server!;

    public async ValueTask InitializeAsync() => _server = await LoopbackServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    [Theory]
    [InlineData("{base}/hello/-/hello.tgz", "hello/-/hello.tgz")]
    [InlineData("{base}/@acme%2fhello/it.tgz?v=1", "@acme%2fhello/it.tgz?v=1")]
    [InlineData("hello/it.tgz", "hello/it.tgz")]
    [InlineData("{base}/a/../it.tgz#part", "it.tgz")]
    [InlineData("{base}/../other/it.tgz", "{origin}/npm/other/it.tgz")]
    [InlineData("{base}", "{base}")]
    [InlineData("{base}er/it.tgz", "{base}er/it.tgz")]
    [InlineData("{base}//other.example.test/it.tgz", "{base}//other.example.test/it.tgz")]
    [InlineData("{base}/https://other.example.test/it.tgz", "{base}/https://other.example.test/it.tgz")]
    [InlineData("{base}/a:b/it.tgz", "{base}/a:b/it.tgz")]
    [InlineData("{base}/..%2fadmin", "{base}/..%2fadmin")]
    [InlineData("/rooted/it.tgz", "{origin}/rooted/it.tgz")]
    [InlineData("//files.example.test/it.tgz", "http://files.example.test/it.tgz")]
    [InlineData("https://files.example.test/it.tgz?signature=x", "https://files.example.test/it.tgz?signature=x")]
    public async Task A_link_is_relative_to_what_it_is_below_and_leads_to_the_same(string url, string kept)
    {
        using var registry = Open();

        var link = registry.LinkOf(Filled(url));

        link.ShouldBe(Filled(kept));
        registry.LinkOf(link).ShouldBe(link);
        if (new Uri(new Uri(Filled("{base}/")), link).Authority == Server.Url.Authority)
        {
            (await registry.OpenTarballAsync(link)).ShouldBeNull();
            new Uri(Server.Url, Server.Requests.ShouldHaveSingleItem().Target).ShouldBe(new Uri(new Uri(Filled("{base}/")), link));
        }
    }

    [Theory]
    [InlineData("../admin")]
    [InlineData("a/../../admin")]
    [InlineData("%2e%2e/admin")]
    [InlineData("..%2fadmin")]
    [InlineData("..\\admin")]
    [InlineData("/admin")]
    [InlineData("//other.example.test/x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://")]
    public async Task A_relative_link_does_not_lead_out(string link)
    {
        using var registry = Open();

        (await Should.ThrowAsync<RegistryException>(() => registry.OpenTarballAsync(link))).Failure.ShouldBe(RegistryFailure.BadAnswer);
        Server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Its_size_is_told_before_it_is_read()
    {
        using var registry = Open();
        Server.On("/npm/all/it.tgz", static context =>
        {
            context.Response.ContentLength = 5;
            return context.Response.WriteAsync("bytes");
        });

        await using var download = (await registry.OpenTarballAsync("it.tgz")).ShouldNotBeNull();

        download.SizeBytes.ShouldBe(5);
        (await download.ReadAsync(new byte[10])).ShouldBe(5);
        (await download.ReadAsync(new byte[10])).ShouldBe(0);
    }

    [Fact]
    public async Task One_that_is_too_large_is_refused_as_soon_as_that_is_known()
    {
        using var registry = new NpmRegistry(RegistryConfig.Npm(Server.Url) with { MaxTarballBytes = 1000 });
        Server.Bytes("/unsaid.tgz", new byte[1001]).On("/said.tgz", static context =>
        {
            context.Response.ContentLength = 1001;
            return context.Response.Body.WriteAsync(new byte[1001]).AsTask();
        });

        (await Should.ThrowAsync<RegistryException>(() => registry.OpenTarballAsync("said.tgz"))).Failure.ShouldBe(RegistryFailure.BadTarball);
        await using var unsaid = (await registry.OpenTarballAsync("unsaid.tgz")).ShouldNotBeNull();
        (await Should.ThrowAsync<RegistryException>(async () =>
        {
            while (await unsaid.ReadAsync(new byte[100]) > 0)
            {
            }
        })).Failure.ShouldBe(RegistryFailure.BadTarball);
    }

    [Fact]
    public async Task Time_counts_only_while_somebody_waits_for_it()
    {
        using var registry = new NpmRegistry(RegistryConfig.Npm(Server.Url) with { Timeout = TimeSpan.FromMilliseconds(500) });
        Server.On("/slow.tgz", static async context =>
        {
            await context.Response.WriteAsync("first");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using var opening = new CancellationTokenSource();
        await using var download = (await registry.OpenTarballAsync("slow.tgz", opening.Token)).ShouldNotBeNull();
        await opening.CancelAsync(); // it has begun

        await Task.Delay(TimeSpan.FromSeconds(1));

        (await download.ReadAsync(new byte[10])).ShouldBe(5);
        (await Should.ThrowAsync<RegistryException>(async () => await download.ReadAsync(new byte[10]))).Failure.ShouldBe(RegistryFailure.TooSlow);
    }

    private NpmRegistry Open() => new(RegistryConfig.Npm(new Uri(Server.Url, "/npm/all")));

    private string Filled(string text)
    {
        var origin = Server.Url.GetLeftPart(UriPartial.Authority);
        return text.Replace("{base}", $"{origin}/npm/all", StringComparison.Ordinal).Replace("{origin}", origin, StringComparison.Ordinal);
    }
}
