using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Packages;
using Registry.PackageService.Tests.Proxying;
using Registry.PackageService.Tests.Running;
using Registry.ServiceDefaults;

namespace Registry.PackageService.Tests.Features.Upstreams;

/// <summary>What <c>/api/v1/upstreams</c> answers to whom.</summary>
public sealed class UpstreamEndpointTests(OwnRegistry own) : IClassFixture<OwnRegistry>, IAsyncLifetime
{
    private const string Secret = "s3cr3t-of-the-upstream";
    private readonly string _ofFile = PackageSystem.NewName("file");
    private ProxySystem _proxy = null!;

    public async ValueTask InitializeAsync()
    {
        await own.EmptyAsync();
        _proxy = await ProxySystem.StartAsync(own.System, Entry(_ofFile));
    }

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Fact]
    public async Task All_are_listed_in_the_order_they_are_asked_in_with_where_they_come_from()
    {
        await _proxy.TellAsync(HttpMethod.Post, body: Entry("last", ("priority", 200)));
        await _proxy.TellAsync(HttpMethod.Post, body: Entry("First", ("priority", 1)));
        await _proxy.TellAsync(HttpMethod.Patch, $"/{_ofFile}", new JsonObject { ["enabled"] = false });

        var list = await _proxy.TellAsync(HttpMethod.Get);

        list["upstreams"]!.AsArray().Select(static entry => (entry!.AsObject().Text("name"), entry.AsObject().Text("origin")))
            .ShouldBe([("First", "api"), (_ofFile, "file and api"), ("last", "api")]);
        list["upstreams"]![1]!["enabled"]!.GetValue<bool>().ShouldBeFalse();
        list["problem"].ShouldBeNull();
    }

    [Fact]
    public async Task One_is_added_shown_changed_and_removed()
    {
        using var added = await _proxy.AskAsync(HttpMethod.Post, body: Entry("Company", ("allow", new JsonArray("@company/*"))).ToJsonString());
        var shown = await _proxy.TellAsync(HttpMethod.Get, "/company");
        var changed = await _proxy.TellAsync(HttpMethod.Patch, "/COMPANY", new JsonObject { ["priority"] = 7, ["cache"] = new JsonObject { ["notFoundSeconds"] = 5 } });
        using var removed = await _proxy.AskAsync(HttpMethod.Delete, "/company");
        using var gone = await _proxy.AskAsync(HttpMethod.Get, "/company");

        added.StatusCode.ShouldBe(HttpStatusCode.Created);
        (shown.Text("name"), shown.Text("url"), shown["priority"]!.GetValue<int>(), shown.Text("origin")).ShouldBe(("Company", "http://127.0.0.1:9/", 100, "api"));
        (changed["priority"]!.GetValue<int>(), changed["cache"]!["notFoundSeconds"]!.GetValue<int>(), changed["cache"]!["maxAgeSeconds"]!.GetValue<int>()).ShouldBe((7, 5, 300));
        changed["allow"]![0]!.GetValue<string>().ShouldBe("@company/*");
        removed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        gone.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_change_is_told_to_the_Gateway_it_passes_through_and_to_the_others()
    {
        var before = await StampAsync();
        using var added = await _proxy.AskAsync(HttpMethod.Post, body: Entry("told").ToJsonString());
        var then = await StampAsync();
        using var listed = await _proxy.AskAsync(HttpMethod.Get);
        using var removed = await _proxy.AskAsync(HttpMethod.Delete, "/told");

        added.Headers.GetValues(InternalHeaders.Changed).ShouldBe([InternalHeaders.Upstreams]);
        removed.Headers.GetValues(InternalHeaders.Changed).ShouldBe([InternalHeaders.Upstreams]);
        listed.Headers.Contains(InternalHeaders.Changed).ShouldBeFalse();
        then.ShouldNotBe(before);
        (await StampAsync()).ShouldBe(before);
        before.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_name_that_is_taken_in_any_spelling_is_refused()
    {
        using var answer = await _proxy.AskAsync(HttpMethod.Post, body: Entry(_ofFile.ToUpperInvariant()).ToJsonString());

        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await answer.ProblemAsync()).ShouldBe(("upstream_exists", $"There is an upstream '{_ofFile}' already: change it with PATCH"));
    }

    [Fact]
    public async Task Of_two_who_add_one_name_at_once_one_is_refused()
    {
        foreach (var name in Enumerable.Range(0, 5).Select(static number => $"race{number}"))
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => _proxy.AskAsync(HttpMethod.Post, body: Entry(name).ToJsonString())));

            answers.Select(static answer => (int)answer.StatusCode).Order().ShouldBe([201, 409]);
        }
    }

    [Fact]
    public async Task Many_who_change_at_once_do_not_wait_for_each_others_connections()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(number => _proxy.AskAsync(HttpMethod.Post, body: Entry($"many{number}").ToJsonString())));

        answers.Select(static answer => (int)answer.StatusCode).Distinct().ShouldBe([201]);
    }

    [Fact]
    public async Task There_is_an_end_to_their_number()
    {
        var answers = new List<HttpResponseMessage>();
        foreach (var some in Enumerable.Range(0, 101).Chunk(10)) // each waits for those before it, and none may wait for long
        {
            answers.AddRange(await Task.WhenAll(some.Select(number => _proxy.AskAsync(HttpMethod.Post, body: Entry($"n{number}").ToJsonString()))));
        }

        answers.Count(static answer => answer.StatusCode == HttpStatusCode.Created).ShouldBe(99);
        (await answers.First(static answer => answer.StatusCode == HttpStatusCode.BadRequest).ProblemAsync()).Code.ShouldBe("too_many_upstreams");
    }

    [Fact]
    public async Task A_byte_order_mark_is_let_pass()
    {
        using var answer = await _proxy.AskAsync(HttpMethod.Patch, $"/{_ofFile}", "\uFEFF{\"priority\":3}");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_secret_can_be_written_and_never_read()
    {
        var logged = new Recorder();
        var host = await _proxy.AddHostAsync(("Logging:LogLevel:Default", "Debug"));
        logged.Listen(host);
        using var added = await _proxy.AskAsync(
            HttpMethod.Post, body: Entry("company", ("auth", Bearer(Secret)), ("proxy", $"http://me:{Secret}@127.0.0.1:9")).ToJsonString(), host: host);
        using var list = await _proxy.AskAsync(HttpMethod.Get, host: host);
        using var shown = await _proxy.AskAsync(HttpMethod.Get, "/company", host: host);
        using var changed = await _proxy.AskAsync(HttpMethod.Patch, "/company", """{"priority":1}""", host: host);
        using var health = await _proxy.AskAsync(HttpMethod.Get, "/company/health", host: host);
        using var elsewhere = await _proxy.AskAsync(HttpMethod.Patch, "/company", """{"url":"https://example.test"}""", host: host);
        using var wrong = await _proxy.AskAsync(HttpMethod.Patch, "/company", new JsonObject { ["auth"] = Bearer($"two {Secret}") }.ToJsonString(), host: host);
        using var broken = await _proxy.AskAsync(HttpMethod.Post, body: $"{{\"name\":\"x\",\"auth\":{{\"token\":\"{Secret}\"", host: host);
        using var asked = await _proxy.GetAsync($"/{PackageSystem.NewName()}", host);

        added.StatusCode.ShouldBe(HttpStatusCode.Created);
        elsewhere.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await elsewhere.ProblemAsync()).Sentence.ShouldContain("auth: must be given again, or be null, when url names another server");
        asked.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        foreach (var answer in new[] { added, list, shown, changed, health, elsewhere, wrong, broken, asked })
        {
            (await answer.Content.ReadAsStringAsync()).ShouldNotContain(Secret);
        }

        logged.Lines.ShouldContain(static line => line.Contains("Upstream: company", StringComparison.Ordinal));
        logged.Lines.ShouldAllBe(static line => !line.Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_server_takes_another_secret_or_none()
    {
        await _proxy.TellAsync(HttpMethod.Post, body: Entry("company", ("auth", Bearer(Secret))));

        var samePlace = await _proxy.TellAsync(HttpMethod.Patch, "/company", new JsonObject { ["url"] = "http://127.0.0.1:9/npm" });
        var other = await _proxy.TellAsync(HttpMethod.Patch, "/company", new JsonObject { ["url"] = "http://127.0.0.1:10", ["auth"] = Bearer("another") });
        var none = await _proxy.TellAsync(HttpMethod.Patch, "/company", new JsonObject { ["url"] = "http://127.0.0.1:11", ["auth"] = null });

        samePlace["auth"]!["type"]!.GetValue<string>().ShouldBe("bearer");
        other["auth"]!["type"]!.GetValue<string>().ShouldBe("bearer");
        none["auth"]!["type"]!.GetValue<string>().ShouldBe("none");
    }

    private static JsonObject Bearer(string token) => new() { ["type"] = "bearer", ["token"] = token };

    private async Task<string?> StampAsync()
    {
        using var client = _proxy.Host.ClientForService(ServiceNames.Gateway);
        return (await client.GetFromJsonAsync<ChangesPage>(PackageRoutes.Changes, RegistryJson.Options))!.Upstreams;
    }

    private static JsonObject Entry(string name, params (string Key, JsonNode Value)[] more) =>
        ProxySystem.Entry(new Uri("http://127.0.0.1:9"), "npm", name, entry =>
        {
            foreach (var (key, value) in more)
            {
                entry[key] = value;
            }
        });
}
