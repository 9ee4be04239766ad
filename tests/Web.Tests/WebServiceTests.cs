using System.Net;
using System.Net.Sockets;

using AngleSharp.Html.Dom;

using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

using Registry.Contracts.Http;
using Registry.Testing;

namespace Registry.Web.Tests;

/// <summary>The running service, built from this process: neither its folder nor its asset manifest is here, as in Standalone. Its peers are down.</summary>
public sealed class WebServiceTests : IAsyncLifetime
{
    private const string PublicUrl = "https://packages.example.test/registry";

    private ServiceHost _host = null!;
    private HttpClient _visitor = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await ServiceHost.StartAsync(ServiceNames.Web, WebApp.Build, new Dictionary<string, string?>
        {
            ["services:packages:http:0"] = NobodyListens(),
            ["services:search:http:0"] = NobodyListens(),
        });
        _visitor = _host.ClientFor(Caller.Anonymous, TestKeys.Mount(Dialects.Native, PublicUrl));
    }

    public async ValueTask DisposeAsync()
    {
        _visitor.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task The_home_page_names_this_servers_own_address()
    {
        var (response, page) = await GetAsync("/");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        page.Texts(".command code").ShouldBe(
        [
            $"npm config set registry {PublicUrl}/r/main/",
            $"npm login --registry {PublicUrl}/r/main/",
            "npm publish",
            "npm install <name>",
        ]);
        page.QuerySelector("form[role=search]")!.GetAttribute("action").ShouldBe("/search");
    }

    [Fact]
    public void Keys_that_the_framework_makes_at_start_stay_in_memory() =>
        _host.Services.GetRequiredService<IOptions<KeyManagementOptions>>().Value.XmlRepository.ShouldNotBeNull().GetAllElements().Count.ShouldBe(1);

    [Fact]
    public async Task A_signed_in_reader_is_named()
    {
        using var ada = _host.ClientFor(TestKeys.User("ada"), TestKeys.Mount(Dialects.Native, PublicUrl));

        var page = Rendering.Parse(await ada.GetStringAsync("/"));

        page.Text(".hero").ShouldContain("You are signed in as ada.");
    }

    [Theory]
    [InlineData("/search?q=tools", "Search does not answer at the moment.")]
    [InlineData("/packages/tools", "The packages of this registry cannot be read at the moment.")]
    [InlineData("/packages/@acme%2ftools", "The packages of this registry cannot be read at the moment.")]
    public async Task While_a_peer_is_down_the_page_says_so_with_503(string path, string sentence)
    {
        var (response, page) = await GetAsync(path);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter.ShouldNotBeNull();
        page.Text("h1").ShouldBe("Not available right now");
        page.Text("main").ShouldContain(sentence);
        page.Text("main").ShouldNotContain("Exception");
    }

    [Theory]
    [InlineData("/nowhere")]
    [InlineData("/packages/")]
    [InlineData("/assets/site.0000000000000000.css")]
    public async Task An_address_without_a_page_is_a_404_page(string path)
    {
        var (response, page) = await GetAsync(path);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        page.Text("h1").ShouldEndWith("not found");
    }

    [Fact]
    public async Task Searching_for_nothing_asks_for_words()
    {
        var (response, page) = await GetAsync("/search?q=%20%20&page=abc");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        page.Text("h1").ShouldBe("Search packages");
    }

    [Theory]
    [InlineData("/", HttpStatusCode.OK)]
    [InlineData("/nowhere", HttpStatusCode.NotFound)]
    [InlineData("/search?q=tools", HttpStatusCode.ServiceUnavailable)]
    public async Task Every_page_forbids_scripts_and_is_kept_by_nobody(string path, HttpStatusCode expected)
    {
        var (response, page) = await GetAsync(path);

        response.StatusCode.ShouldBe(expected);
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/html; charset=utf-8");
        var policy = response.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem();
        policy.ShouldContain("default-src 'none'");
        policy.ShouldNotContain("script-src");
        policy.ShouldNotContain("unsafe");
        response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        response.Headers.GetValues("Referrer-Policy").ShouldBe(["same-origin"]);
        response.Headers.CacheControl!.ToString().ShouldBe("no-cache, private");
        page.QuerySelectorAll("script, style, [style], [onclick]").ShouldBeEmpty();
        page.DocumentElement.GetAttribute("lang").ShouldBe("en");
        page.QuerySelectorAll("h1").Length.ShouldBe(1);
        page.QuerySelectorAll("header.site-header, main, footer.site-footer").Length.ShouldBe(3);
    }

    [Fact]
    public async Task The_style_sheet_and_icon_come_from_the_assembly_and_may_be_kept_for_ever()
    {
        var (_, page) = await GetAsync("/");

        foreach (var (selector, type) in new[] { ("link[rel=stylesheet]", "text/css"), ("link[rel=icon]", "image/svg+xml") })
        {
            using var asset = await _visitor.GetAsync(page.QuerySelector(selector)!.GetAttribute("href"));

            asset.StatusCode.ShouldBe(HttpStatusCode.OK);
            asset.Content.Headers.ContentType!.MediaType.ShouldBe(type);
            asset.Headers.GetValues("Cache-Control").ShouldBe(["public, max-age=31536000, immutable"]);
            (await asset.Content.ReadAsStringAsync()).Length.ShouldBeGreaterThan(100);
        }
    }

    [Fact]
    public async Task A_stranger_past_the_gateway_gets_no_page()
    {
        using var stranger = _host.ClientForStranger();
        using var response = await stranger.GetAsync("/");

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_missing_peer_is_named_at_start()
    {
        var failure = await Should.ThrowAsync<InvalidOperationException>(() => ServiceHost.StartAsync(ServiceNames.Web, WebApp.Build));

        failure.Message.ShouldContain("services__packages__http__0");
    }

    private static string NobodyListens()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://{listener.LocalEndpoint}"; // given back: whoever connects is refused
    }

    private async Task<(HttpResponseMessage Response, IHtmlDocument Page)> GetAsync(string path)
    {
        var response = await _visitor.GetAsync(path);
        return (response, Rendering.Parse(await response.Content.ReadAsStringAsync()));
    }
}
