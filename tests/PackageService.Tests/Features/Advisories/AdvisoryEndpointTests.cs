using System.Net;
using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.PackageService.Tests.Running;
using Registry.Testing;

namespace Registry.PackageService.Tests.Features.Advisories;

/// <summary>What <c>/api/v1/advisories</c> answers to whom.</summary>
public sealed class AdvisoryEndpointTests(PackageSystem system)
{
    private readonly string _name = PackageSystem.NewName("advised");
    private readonly long _id = AdvisorySystem.NewId();

    [Fact]
    public async Task One_is_added_replaced_shown_and_removed()
    {
        using var added = await system.AdvisoriesAsync(HttpMethod.Put, $"/{_id}", AdvisorySystem.Entry(_id, _name).ToJsonString());
        using var replaced = await system.AdvisoriesAsync(HttpMethod.Put, $"/{_id}", AdvisorySystem.Entry(_id, _name, "<2.0.0").ToJsonString());
        using var shown = await system.AdvisoriesAsync(HttpMethod.Get, $"/{_id}");
        using var removed = await system.AdvisoriesAsync(HttpMethod.Delete, $"/{_id}");
        using var gone = await system.AdvisoriesAsync(HttpMethod.Get, $"/{_id}");
        using var removedAgain = await system.AdvisoriesAsync(HttpMethod.Delete, $"/{_id}");

        (added.StatusCode, replaced.StatusCode, removed.StatusCode).ShouldBe((HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.OK));
        var entry = await ReadAsync(shown);
        (entry["vulnerableVersions"]!.GetValue<string>(), entry["source"]!.GetValue<string>(), entry["access"]!.GetValue<string>()).ShouldBe(("<2.0.0", "local", "public"));
        (gone.StatusCode, removedAgain.StatusCode).ShouldBe((HttpStatusCode.NotFound, HttpStatusCode.NotFound));
        (await ReadAsync(gone))["code"]!.GetValue<string>().ShouldBe("advisory_not_found");
    }

    [Fact]
    public async Task A_file_is_imported_whole_and_again_without_harm()
    {
        var other = AdvisorySystem.NewId();
        var file = $"{AdvisorySystem.Entry(_id, _name).ToJsonString()}\r\n\n{AdvisorySystem.Entry(other, _name).ToJsonString()}";

        using var first = await system.AdvisoriesAsync(HttpMethod.Post, body: file);
        using var second = await system.AdvisoriesAsync(HttpMethod.Post, body: file);
        var pages = new List<long>();
        for (long? after = 0; after is not null;)
        {
            using var page = await system.AdvisoriesAsync(HttpMethod.Get, $"?package={_name}&size=1&after={after}");
            var read = await ReadAsync(page);
            pages.AddRange(read["advisories"]!.AsArray().Select(static one => one!["id"]!.GetValue<long>()));
            after = read["next"]?.GetValue<long>();
        }

        (await ReadAsync(first)).ToJsonString().ShouldBe("""{"added":2,"replaced":0}""");
        (await ReadAsync(second)).ToJsonString().ShouldBe("""{"added":0,"replaced":2}""");
        pages.ShouldBe([_id, other]);
    }

    [Fact]
    public async Task Of_a_file_with_a_wrong_line_nothing_is_kept_and_the_line_is_named()
    {
        var wrong = AdvisorySystem.Entry(AdvisorySystem.NewId(), _name, "not a range");

        using var answer = await system.AdvisoriesAsync(HttpMethod.Post, body: $"{AdvisorySystem.Entry(_id, _name).ToJsonString()}\n{wrong.ToJsonString()}\n");
        using var kept = await system.AdvisoriesAsync(HttpMethod.Get, $"/{_id}");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var problem = await ReadAsync(answer);
        problem["code"]!.GetValue<string>().ShouldBe("invalid_advisory");
        problem["error"]!.GetValue<string>().ShouldStartWith("Line 2: 'vulnerableVersions'");
        kept.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("id", "7")]
    [InlineData("id", "0")]
    [InlineData("package", "\"Not A Name\"")]
    [InlineData("package", "null")]
    [InlineData("title", "\" \"")]
    [InlineData("url", "\"javascript:alert(1)\"")]
    [InlineData("severity", "\"grave\"")]
    [InlineData("vulnerableVersions", "\"\"")]
    [InlineData("vulnerableVersions", "\"<1.0.0, >2\"")]
    [InlineData("patchedVersions", "\"soon\"")]
    [InlineData("cwe", "[\"\"]")]
    [InlineData("cvss", "{\"score\":11}")]
    [InlineData("title", "\"a\\u0000b\"")]
    [InlineData("title", "[]")]
    [InlineData("publishedAt", "\"yesterday\"")]
    public async Task What_cannot_be_kept_is_refused(string member, string value)
    {
        var entry = AdvisorySystem.Entry(_id, _name);
        entry[member] = JsonNode.Parse(value);

        using var answer = await system.AdvisoriesAsync(HttpMethod.Put, $"/{_id}", entry.ToJsonString());

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await ReadAsync(answer))["code"]!.GetValue<string>().ShouldBe("invalid_advisory");
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("")]
    public async Task What_is_no_entry_is_refused(string body)
    {
        using var put = await system.AdvisoriesAsync(HttpMethod.Put, $"/{_id}", body);
        using var post = await system.AdvisoriesAsync(HttpMethod.Post, body: body);

        (put.StatusCode, post.StatusCode).ShouldBe((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Only_administrators_with_tokens_that_reach_may()
    {
        var root = TestKeys.User("root", isAdministrator: true);
        var cases = new (Caller Caller, HttpStatusCode Read, HttpStatusCode Write)[]
        {
            (Caller.Anonymous, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized),
            (TestKeys.User("ada"), HttpStatusCode.Forbidden, HttpStatusCode.Forbidden),
            (root with { Limits = new TokenLimits(true, null, null) }, HttpStatusCode.OK, HttpStatusCode.Forbidden),
            (root with { Limits = new TokenLimits(false, ["a"], null) }, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden),
        };
        foreach (var (caller, read, write) in cases)
        {
            using var list = await system.AdvisoriesAsync(HttpMethod.Get, caller: caller);
            using var put = await system.AdvisoriesAsync(HttpMethod.Put, $"/{_id}", AdvisorySystem.Entry(_id, _name).ToJsonString(), caller);
            (list.StatusCode, put.StatusCode).ShouldBe((read, write));
        }
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
}
