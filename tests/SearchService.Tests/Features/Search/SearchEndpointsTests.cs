using System.Net;
using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Http;
using Registry.SearchService.Index;
using Registry.Testing;

namespace Registry.SearchService.Tests.Features.Search;

public sealed class SearchEndpointsTests(SearchEndpointsTests.Filled filled) : IClassFixture<SearchEndpointsTests.Filled>
{
    private readonly ServiceHost _host = filled.Host;

    [Fact]
    public async Task Npm_gets_objects_with_what_it_prints()
    {
        var answer = await GetAsync(Dialects.Npm, "/-/v1/search?text=acme&size=20&from=0&quality=0.65&popularity=0.98&maintenance=0.5");

        answer["total"]!.GetValue<long>().ShouldBe(1);
        DateTimeOffset.Parse(answer["time"]!.GetValue<string>(), null).ShouldBe(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(1));
        var found = answer["objects"]!.AsArray().Single()!;
        found["package"]!.ToJsonString().ShouldBe(
            """{"name":"@acme/left-pad","scope":"acme","version":"1.2.3","description":"Pads strings","keywords":["pad","string"],"date":"2026-01-02T03:04:05.000Z","links":{"npm":"http://registry.test/@acme/left-pad","homepage":"https://home.example.test","repository":"https://code.example.test","bugs":"https://bugs.example.test"},"publisher":{"username":"ada","email":"ada@example.test"},"maintainers":[{"username":"ada","email":"ada@example.test"},{"username":"bob"}],"license":"MIT"}""");
        found["searchScore"]!.GetValue<double>().ShouldBeGreaterThan(0);
        found["score"]!["final"]!.GetValue<double>().ShouldBeInRange(0, 1);
        found["score"]!["detail"]!.AsObject().Select(member => member.Key).ShouldBe(["quality", "popularity", "maintenance"]);
    }

    [Fact]
    public async Task Npm_pages_with_from_and_size_and_a_size_over_the_limit_is_cut()
    {
        var first = await GetAsync(Dialects.Npm, "/-/v1/search?text=left&size=1");
        var second = await GetAsync(Dialects.Npm, "/-/v1/search?text=left&size=1&from=1");
        var all = await GetAsync(Dialects.Npm, "/-/v1/search?text=left&size=100000");

        first["total"]!.GetValue<long>().ShouldBe(2);
        new[] { NpmNames(first).Single(), NpmNames(second).Single() }.ShouldBe(["left-handed", "@acme/left-pad"], ignoreOrder: true);
        NpmNames(all).Count().ShouldBe(2);
    }

    [Fact]
    public async Task Npm_may_send_qualifiers_alone_and_is_told_of_what_is_unstable()
    {
        var index = _host.Services.GetRequiredService<ISearchIndex>();
        await index.WriteAsync(IndexRole.Live, [IndexWrite.Put(Documents.Of("left-young", readers: ["user:id-of-eve"]) with { Version = "0.1.0" })], CancellationToken.None);

        var unstable = await GetAsync(Dialects.Npm, "/-/v1/search?text=is%3Aunstable", TestKeys.User("eve"));
        var stable = await GetAsync(Dialects.Npm, "/-/v1/search?text=left+not%3Aunstable&quality=9&popularity=-1&maintenance=none", TestKeys.User("eve"));

        unstable["objects"]!.AsArray().Single()!["flags"]!.ToJsonString().ShouldBe("""{"unstable":true}""");
        stable["objects"]!.AsArray().ShouldAllBe(found => found!["flags"] == null);
        NpmNames(stable).ShouldBe(["left-handed", "@acme/left-pad"], ignoreOrder: true);
    }

    [Theory]
    [InlineData(Dialects.Npm, "/-/v1/search?text=left", HttpStatusCode.OK)]
    [InlineData(Dialects.Npm, "/-/v1/search", HttpStatusCode.BadRequest)]
    [InlineData(Dialects.Pantry, "/search?q=left", HttpStatusCode.OK)]
    [InlineData(Dialects.Native, "/api/v1/search?q=left", HttpStatusCode.OK)]
    public async Task Head_is_answered_like_get_without_a_body(string dialect, string target, HttpStatusCode status)
    {
        using var client = Client(dialect);
        using var request = new HttpRequestMessage(HttpMethod.Head, target);

        using var response = await client.SendAsync(request);

        response.StatusCode.ShouldBe(status);
        (await response.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Npm_without_a_text_is_a_bad_request()
    {
        using var client = Client(Dialects.Npm);

        using var response = await client.GetAsync("/-/v1/search?size=20");

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        problem["code"]!.GetValue<string>().ShouldBe("text_required");
        problem["error"]!.GetValue<string>().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Pantry_gets_results_and_never_an_error_member()
    {
        var answer = await GetAsync(Dialects.Pantry, "/search?q=acme");

        answer.ToJsonString().ShouldBe(
            """{"results":[{"name":"@acme/left-pad","version":"1.2.3","description":"Pads strings","keywords":["pad","string"],"author":"Ada","downloads":0}]}""");
        (await GetAsync(Dialects.Pantry, "/search?q=nothing-like-it")).ToJsonString().ShouldBe("""{"results":[]}""");
    }

    [Theory]
    [InlineData("/search", 2)]
    [InlineData("/search?q=", 2)]
    [InlineData("/search?q=left&limit=1", 1)]
    [InlineData("/search?q=left&limit=0", 1)]
    [InlineData("/search?q=left&limit=1000", 2)]
    [InlineData("/search?q=left&limit=many", 2)]
    public async Task Pantry_bounds_its_limit_and_lists_all_without_a_query(string target, int results) =>
        (await GetAsync(Dialects.Pantry, target))["results"]!.AsArray().Count.ShouldBe(results);

    [Fact]
    public async Task Native_search_covers_every_repository()
    {
        var answer = await GetAsync(Dialects.Native, "/api/v1/search?q=left&from=0&size=10");

        answer["total"]!.GetValue<long>().ShouldBe(3);
        answer["results"]!.AsArray().Select(result => $"{result!["repository"]}/{result["name"]}")
            .ShouldBe(["main/left-handed", "loft/left-loft", "main/@acme/left-pad"], ignoreOrder: true);
    }

    [Fact]
    public async Task What_a_caller_may_not_read_is_neither_found_nor_counted()
    {
        (await GetAsync(Dialects.Npm, "/-/v1/search?text=secret"))["total"]!.GetValue<long>().ShouldBe(0);
        (await GetAsync(Dialects.Npm, "/-/v1/search?text=secret", TestKeys.User("bob")))["total"]!.GetValue<long>().ShouldBe(0);
        (await GetAsync(Dialects.Npm, "/-/v1/search?text=secret", Caller.Rejected))["total"]!.GetValue<long>().ShouldBe(0);
        (await GetAsync(Dialects.Npm, "/-/v1/search?text=secret", TestKeys.User("ada")))["total"]!.GetValue<long>().ShouldBe(1);
        (await GetAsync(Dialects.Npm, "/-/v1/search?text=secret", TestKeys.User("root", isAdministrator: true)))["total"]!.GetValue<long>().ShouldBe(1);
    }

    [Theory]
    [InlineData("%00")]
    [InlineData("a%00b")]
    [InlineData("%ff%fe")]
    [InlineData("%ED%A0%80")]
    [InlineData("'%20OR%201=1--")]
    [InlineData("%5C%27%3A%2A%26%7C!()")]
    [InlineData("%F0%9F%9A%80")]
    [InlineData("%25%5F")]
    public async Task Odd_characters_are_answered_with_no_results(string query)
    {
        foreach (var (dialect, target) in new[] { (Dialects.Npm, "/-/v1/search?text="), (Dialects.Pantry, "/search?q="), (Dialects.Native, "/api/v1/search?q=") })
        {
            using var client = Client(dialect);
            using var response = await client.GetAsync(target + query);
            response.StatusCode.ShouldBe(HttpStatusCode.OK, $"{dialect} {query}");
        }
    }

    [Fact]
    public async Task A_long_query_is_cut_and_answered()
    {
        var answer = await GetAsync(Dialects.Pantry, $"/search?q=left%20{new string('x', 5000)}");

        answer["results"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_stranger_and_another_dialects_path_are_refused()
    {
        using var stranger = _host.ClientForStranger();
        using var refused = await stranger.GetAsync("/npm/-/v1/search?text=left");
        using var npm = Client(Dialects.Npm);
        using var missing = await npm.GetAsync("/search?q=left");

        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        missing.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Health_is_degraded_without_PackageService_and_failed_without_the_database()
    {
        await Eventually.ShouldHoldAsync(async () => (await HealthAsync(_host)).Document["checks"]!["changes"]!["status"]!.GetValue<string>() == "degraded", "changes cannot be followed");
        var (status, document) = await HealthAsync(_host);
        status.ShouldBe(HttpStatusCode.OK);
        document["status"]!.GetValue<string>().ShouldBe("degraded");
        document["checks"]!["database"]!["status"]!.GetValue<string>().ShouldBe("ok");

        await using var broken = await StartAsync("Host=127.0.0.1;Port=9;Username=nobody;Timeout=1");

        (await HealthAsync(broken)).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        using var client = broken.ClientFor(Caller.Anonymous, TestKeys.Mount(Dialects.Npm));
        using var unanswered = await client.GetAsync("/-/v1/search?text=left");
        unanswered.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        unanswered.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public void A_missing_connection_string_is_named() =>
        Should.Throw<InvalidOperationException>(() => SearchServiceApp.Build([], TestKeys.Settings.Select(setting => setting)))
            .Message.ShouldContain("ConnectionStrings:search");

    private static IEnumerable<string> NpmNames(JsonNode answer) =>
        answer["objects"]!.AsArray().Select(found => found!["package"]!["name"]!.GetValue<string>());

    private static Task<ServiceHost> StartAsync(string database) =>
        ServiceHost.StartAsync(
            ServiceNames.Search,
            SearchServiceApp.Build,
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:search"] = database,
                ["ConnectionStrings:rabbitmq"] = null,
                ["services:packages:http:0"] = "http://127.0.0.1:9",
                ["Logging:LogLevel:Default"] = "Critical",
            });

    private static async Task<(HttpStatusCode Status, JsonNode Document)> HealthAsync(ServiceHost host)
    {
        using var client = host.ClientForStranger();
        using var response = await client.GetAsync("/health");
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    private HttpClient Client(string dialect, Caller? caller = null) => _host.ClientFor(caller ?? Caller.Anonymous, TestKeys.Mount(dialect));

    private async Task<JsonNode> GetAsync(string dialect, string target, Caller? caller = null)
    {
        using var client = Client(dialect, caller);
        using var response = await client.GetAsync(target);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, target);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    /// <summary>Search over some documents. What a test adds, only a reader of its own may see.</summary>
    public sealed class Filled : IAsyncLifetime
    {
        private readonly SearchDatabase _database = new();

        internal ServiceHost Host { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await _database.InitializeAsync();
            Host = await StartAsync(_database.ConnectionString);
            await Host.Services.GetRequiredService<ISearchIndex>().WriteAsync(
                IndexRole.Live,
                [
                    IndexWrite.Put(Documents.Of("@acme/left-pad", "Pads strings", keywords: ["pad", "string"])),
                    IndexWrite.Put(Documents.Of("left-handed", null) with { Publisher = null, License = null, Homepage = null }),
                    IndexWrite.Put(Documents.Of("left-secret", readers: ["user:id-of-ada"])),
                    IndexWrite.Put(Documents.Of("left-loft", repository: "loft")),
                ],
                CancellationToken.None);
        }

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            await _database.DisposeAsync();
        }
    }
}
