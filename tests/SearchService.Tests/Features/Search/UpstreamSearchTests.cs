using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Http;
using Registry.SearchService.Index;
using Registry.Testing;

using static Registry.SearchService.Tests.Features.Search.UpstreamsOnTheWire;

namespace Registry.SearchService.Tests.Features.Search;

/// <summary>What upstreams have follows what is published here, and never holds it up (P13, N11, complaints 4 and 22).</summary>
public sealed class UpstreamSearchTests : IClassFixture<UpstreamSearchTests.Searching>
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(3);

    private readonly Searching _searching;
    private readonly ServiceHost _host;
    private readonly UpstreamsOnTheWire _packages;

    public UpstreamSearchTests(Searching searching)
    {
        (_searching, _host, _packages) = (searching, searching.Host, searching.Packages);
        _packages.Forget();
    }

    [Fact]
    public async Task Npm_gets_its_own_hits_first_and_prints_the_upstream_as_publisher()
    {
        _packages.Answer = With(Found("@far/pad"));

        var answer = await GetAsync(Dialects.Npm, "/-/v1/search?text=pad");

        answer["total"]!.GetValue<long>().ShouldBe(4);
        answer.AsObject().ShouldNotContainKey("partial");
        var objects = answer["objects"]!.AsArray();
        objects.Take(3).ShouldAllBe(static own => !own!["package"]!.AsObject().ContainsKey("upstream"));
        objects[3]!["package"]!.ToJsonString().ShouldBe(
            """{"name":"@far/pad","scope":"far","version":"2.0.0","description":"The @far/pad","keywords":[],"links":{"npm":"http://registry.test/@far/pad"},"publisher":{"username":"far"},"maintainers":[{"username":"far"}],"license":"MIT","upstream":"far"}""");
        objects[3]!["score"]!["final"]!.GetValue<double>().ShouldBe(0);
    }

    [Fact]
    public async Task Pantry_and_the_web_pages_are_told_which_upstream_it_is()
    {
        _packages.Answer = With(Found("far-pad"));

        var pantry = (await GetAsync(Dialects.Pantry, "/search?q=pad"))["results"]!.AsArray();
        var native = (await GetAsync(Dialects.Native, "/api/v1/search?q=pad"))["results"]!.AsArray();

        pantry[3]!.ToJsonString().ShouldBe("""{"name":"far-pad","version":"2.0.0","description":"The far-pad","keywords":[],"downloads":0,"upstream":"far"}""");
        native[3]!.ToJsonString().ShouldBe(
            """{"repository":"main","name":"far-pad","version":"2.0.0","description":"The far-pad","keywords":[],"license":"MIT","score":0,"upstream":"far"}""");
        native.Take(3).Concat(pantry.Take(3)).ShouldAllBe(static own => !own!.AsObject().ContainsKey("upstream"));
    }

    [Fact]
    public async Task Pages_neither_skip_nor_repeat_a_package()
    {
        _packages.Answer = With(Found(Enumerable.Range(0, 7).Select(static i => $"far-{i}")));
        var whole = NamesOf(await GetAsync(Dialects.Npm, "/-/v1/search?text=pad&size=250"));

        var paged = new List<string>();
        for (var from = 0; from < 12; from += 2)
        {
            paged.AddRange(NamesOf(await GetAsync(Dialects.Npm, $"/-/v1/search?text=pad&size=2&from={from}")));
        }

        whole.Count.ShouldBe(10);
        paged.ShouldBe(whole);
        (await GetAsync(Dialects.Npm, "/-/v1/search?text=pad&size=2&from=2"))["total"]!.GetValue<long>().ShouldBe(10);
        NamesOf(await GetAsync(Dialects.Npm, "/-/v1/search?text=pad&size=2&from=2147483647")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(Dialects.Npm, "/-/v1/search?text=pad&size=3")]
    [InlineData(Dialects.Npm, "/-/v1/search?text=pad&size=0")]
    [InlineData(Dialects.Npm, "/-/v1/search?text=pad&size=1&from=1")]
    [InlineData(Dialects.Npm, "/-/v1/search?text=%20")]
    [InlineData(Dialects.Pantry, "/search?q=pad&limit=3")]
    [InlineData(Dialects.Pantry, "/search")]
    [InlineData(Dialects.Native, "/api/v1/search?q=")]
    public async Task No_upstream_is_asked_when_own_hits_fill_the_page_or_nothing_is_searched_for(string dialect, string target)
    {
        await GetAsync(dialect, target);

        _packages.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_mount_that_does_not_fall_through_asks_none()
    {
        _packages.Answer = With(Found("far-pad"));
        using var client = _host.ClientFor(Caller.Anonymous, TestKeys.Mount(Dialects.Npm) with { UsesUpstreams = false });

        var answer = JsonNode.Parse(await client.GetStringAsync(new Uri("/-/v1/search?text=pad", UriKind.Relative)))!;

        answer["total"]!.GetValue<long>().ShouldBe(3);
        _packages.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task Repository_text_and_whether_there_is_an_account_are_passed_on()
    {
        await GetAsync(Dialects.Npm, "/-/v1/search?text=%20a%26b%3Fc%20");
        await GetAsync(Dialects.Npm, "/-/v1/search?text=a", TestKeys.User("ada"));
        await GetAsync(Dialects.Npm, "/-/v1/search?text=a", Caller.Rejected);

        _packages.Asked.ShouldBe([
            "?repository=main&text=a%26b%3Fc&signedIn=False",
            "?repository=main&text=a&signedIn=True",
            "?repository=main&text=a&signedIn=False"]);
    }

    [Fact]
    public async Task When_one_upstream_failed_the_answer_says_that_it_is_partial()
    {
        _packages.Answer = With(WithFailure(Found("far-pad")));

        var npm = await GetAsync(Dialects.Npm, "/-/v1/search?text=pad");
        var native = await GetAsync(Dialects.Native, "/api/v1/search?q=pad");
        var pantry = await GetAsync(Dialects.Pantry, "/search?q=pad");

        foreach (var answer in new[] { npm, native })
        {
            answer["partial"]!.GetValue<bool>().ShouldBeTrue();
            answer["total"]!.GetValue<long>().ShouldBe(4);
        }

        pantry.AsObject().Select(static member => member.Key).ShouldBe(["results"]);
    }

    [Fact]
    public async Task When_PackageService_is_away_what_is_published_here_is_found()
    {
        await using var host = await _searching.StartAsync("http://127.0.0.1:9");

        await ShouldFindItsOwnAsync(host);
    }

    [Fact]
    public async Task When_PackageService_hangs_what_is_published_here_is_found_within_the_deadline()
    {
        _packages.Answer = HangAsync;

        await ShouldFindItsOwnAsync();
    }

    [Theory]
    [InlineData("", 404)]
    [InlineData("{}", 500)]
    [InlineData("{}", 503)]
    [InlineData("{}", 200)]
    [InlineData("null", 200)]
    [InlineData("[]", 200)]
    [InlineData("""{"results":[{"name":"x"}],"failures":[]}""", 200)]
    public async Task When_PackageService_answers_nonsense_what_is_published_here_is_found(string body, int status)
    {
        _packages.Answer = Text(body, status);

        await ShouldFindItsOwnAsync();
    }

    [Fact]
    public async Task An_administrator_may_have_it_explained()
    {
        _packages.Answer = With(WithFailure(Found("far-pad")));

        var answer = await GetAsync(Dialects.Npm, "/-/v1/search?text=pad&explain=1", TestKeys.User("root", isAdministrator: true));

        answer["mount"]!["repository"]!.GetValue<string>().ShouldBe("main");
        answer["caller"]!.GetValue<string>().ShouldBe("root");
        answer["steps"]!.AsArray().Select(static step => $"{step!["source"]}: {step["outcome"]}").ShouldBe(["index: answered", "far: answered", "further: too slow"]);
        answer["steps"]![0]!["detail"]!.GetValue<string>().ShouldBe("3 of 3 found in postgresql");
        answer["steps"]![2]!["milliseconds"]!.GetValue<double>().ShouldBe(700);
        answer["answer"]!.ToJsonString().ShouldBe("""{"status":200,"total":4,"results":4,"partial":true}""");
    }

    [Theory]
    [InlineData("&size=3", "what is published here fills the page")]
    [InlineData("&size=4", "none is searched for this repository and caller")]
    public async Task It_is_explained_why_none_is_asked(string query, string why)
    {
        _packages.Answer = Text("""{"results":[],"failures":[],"asked":[]}""");

        var answer = await GetAsync(Dialects.Npm, $"/-/v1/search?text=pad&explain=1{query}", TestKeys.User("root", isAdministrator: true));

        answer["steps"]![1]!["outcome"]!.GetValue<string>().ShouldBe("not asked");
        answer["steps"]![1]!["detail"]!.GetValue<string>().ShouldBe(why);
    }

    [Theory]
    [InlineData(Dialects.Npm, "/-/v1/search?text=pad&explain=1")]
    [InlineData(Dialects.Pantry, "/search?q=pad&explain=1")]
    [InlineData(Dialects.Native, "/api/v1/search?q=pad&explain=1")]
    public async Task Others_may_not_have_it_explained(string dialect, string target)
    {
        (await StatusAsync(dialect, target, Caller.Anonymous)).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(dialect, target, TestKeys.User("ada"))).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(dialect, target, TestKeys.User("root", isAdministrator: true) with { Limits = new TokenLimits(true, ["one"], null) })).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(Dialects.Npm, "/-/v1/search?explain=1", TestKeys.User("root", isAdministrator: true))).ShouldBe(HttpStatusCode.BadRequest);
        _packages.Asked.ShouldBeEmpty();
    }

    private static List<string> NamesOf(JsonNode answer) =>
        [.. answer["objects"]!.AsArray().Select(static found => found!["package"]!["name"]!.GetValue<string>())];

    private async Task ShouldFindItsOwnAsync(ServiceHost? host = null)
    {
        var started = Stopwatch.StartNew();
        var answer = await GetAsync(Dialects.Npm, "/-/v1/search?text=pad", host: host);

        started.Elapsed.ShouldBeLessThan(Soon);
        NamesOf(answer).Count.ShouldBe(3);
        answer["total"]!.GetValue<long>().ShouldBe(3);
        answer["partial"]!.GetValue<bool>().ShouldBeTrue();
    }

    private async Task<HttpStatusCode> StatusAsync(string dialect, string target, Caller caller)
    {
        using var client = _host.ClientFor(caller, TestKeys.Mount(dialect));
        using var response = await client.GetAsync(new Uri(target, UriKind.Relative));
        return response.StatusCode;
    }

    private async Task<JsonNode> GetAsync(string dialect, string target, Caller? caller = null, ServiceHost? host = null)
    {
        using var client = (host ?? _host).ClientFor(caller ?? Caller.Anonymous, TestKeys.Mount(dialect));
        using var response = await client.GetAsync(new Uri(target, UriKind.Relative));
        response.StatusCode.ShouldBe(HttpStatusCode.OK, target);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    /// <summary>Search over three packages, and a PackageService that answers as the test at hand says.</summary>
    public sealed class Searching : IAsyncLifetime
    {
        private readonly SearchDatabase _database = new();

        internal UpstreamsOnTheWire Packages { get; private set; } = null!;

        internal ServiceHost Host { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await _database.InitializeAsync();
            Packages = await UpstreamsOnTheWire.StartAsync();
            Host = await StartAsync(Packages.Address);
            await Host.Services.GetRequiredService<ISearchIndex>().WriteAsync(
                IndexRole.Live, [.. new[] { "pad-one", "pad-two", "pad-three" }.Select(static name => IndexWrite.Put(Documents.Of(name)))], CancellationToken.None);
        }

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            await Packages.DisposeAsync();
            await _database.DisposeAsync();
        }

        internal Task<ServiceHost> StartAsync(string packages) =>
            ServiceHost.StartAsync(
                ServiceNames.Search,
                SearchServiceApp.Build,
                new Dictionary<string, string?>
                {
                    ["ConnectionStrings:search"] = _database.ConnectionString,
                    ["ConnectionStrings:rabbitmq"] = null,
                    ["services:packages:http:0"] = packages,
                    ["Logging:LogLevel:Default"] = "Critical",
                });
    }
}
