using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

using Registry.PackageService.Tests.Running;

namespace Registry.PackageService.Tests.Features.Advisories;

/// <summary>What clients are told of what they have installed (npm protocol 3.9).</summary>
public sealed class AuditTests(PackageSystem system)
{
    private const string Bulk = "/-/npm/v1/security/advisories/bulk";
    private readonly string _name = PackageSystem.NewName("weak");

    [Fact]
    public async Task Installed_versions_are_answered_with_their_advisories_and_others_with_nothing()
    {
        var id = await AddAsync("<1.2.0 || >=2.0.0-beta <2.1.0");

        var answer = await AskAsync(Bulk, $$$"""{"{{{_name}}}":["1.1.0","1.2.0"],"@local/secret":["1.0.0"]}""");

        answer.ToJsonString().ShouldBe(
            $$$"""{"{{{_name}}}":[{"id":{{{id}}},"url":"https://advisories.example.test/{{{id}}}","title":"Escapes its cage","severity":"high","vulnerable_versions":"\u003C1.2.0 || \u003E=2.0.0-beta \u003C2.1.0","cwe":["CWE-22"],"cvss":{"score":7.5,"vectorString":"CVSS:3.1/AV:N"}}]}""");
        (await AskAsync(Bulk, $$$"""{"{{{_name}}}":["2.0.0-rc.1"]}""")).AsObject().Count.ShouldBe(1);
        (await AskAsync(Bulk, $$$"""{"{{{_name}}}":["v1.1.0"]}""")).AsObject().Count.ShouldBe(1);
        (await AskAsync(Bulk, $$$"""{"{{{_name}}}":["1.2.0","file:../x",""]}""")).ToJsonString().ShouldBe("{}");
        (await AskAsync(Bulk, "{}")).ToJsonString().ShouldBe("{}");
    }

    [Fact]
    public async Task A_question_may_be_compressed()
    {
        await AddAsync("*");
        var bytes = new MemoryStream();
        await using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes($$$"""{"{{{_name}}}":["1.0.0"]}"""));
        }

        using var content = new ByteArrayContent(bytes.ToArray());
        content.Headers.ContentEncoding.Add("gzip");
        using var client = system.Npm();
        using var response = await client.PostAsync(Bulk, content);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await ReadAsync(response))[_name]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_was_withdrawn_or_removed_is_told_to_nobody()
    {
        var id = await AddAsync("*");
        await system.PutAdvisoryAsync(id, _name, "*", ("withdrawnAt", "2026-01-02T03:04:05Z"));
        var withdrawn = await AskAsync(Bulk, $$$"""{"{{{_name}}}":["1.0.0"]}""");
        await system.PutAdvisoryAsync(id, _name, "*");
        var again = await AskAsync(Bulk, $$$"""{"{{{_name}}}":["1.0.0"]}""");
        await system.AdvisoriesAsync(HttpMethod.Delete, $"/{id}");

        withdrawn.AsObject().ShouldBeEmpty();
        again.AsObject().Count.ShouldBe(1);
        (await AskAsync(Bulk, $$$"""{"{{{_name}}}":["1.0.0"]}""")).AsObject().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(Bulk, "[]")]
    [InlineData(Bulk, "null")]
    [InlineData(Bulk, "{\"a\":\"1.0.0\"}")]
    [InlineData(Bulk, "{\"a\":[1]}")]
    [InlineData(Bulk, "{\"\\ud800\":[\"1.0.0\"]}")]
    [InlineData(Bulk, "{\"a\":[\"\\ud800\"]}")]
    [InlineData("/-/npm/v1/security/audits", "{\"dependencies\":{\"\\ud800\":{}}}")]
    [InlineData(Bulk, "{\"a\":[\"1.0.0\"]")]
    [InlineData(Bulk, "")]
    [InlineData("/-/npm/v1/security/audits", "[]")]
    [InlineData("/-/npm/v1/security/audits/quick", "{\"dependencies\":{\"a\":1}}")]
    [InlineData("/-/npm/v1/security/audits/quick", "nothing")]
    public async Task Another_shape_is_refused(string path, string body)
    {
        using var client = system.Npm();
        using var response = await client.PostAsync(path, new StringContent(body));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var problem = await ReadAsync(response);
        problem["code"]!.GetValue<string>().ShouldBe("invalid_json");
        problem["error"]!.GetValue<string>().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Bodies_beyond_the_bounds_are_refused()
    {
        var tooMany = $$$"""{"a":[{{{string.Join(',', Enumerable.Repeat("\"1.0.0\"", 100_001))}}}]}""";
        var tooDeep = string.Concat(Enumerable.Repeat("""{"dependencies":{"a":""", 200)) + "{}" + new string('}', 400);
        using var client = system.Npm();
        using var many = await client.PostAsync(Bulk, new StringContent(tooMany));
        using var deep = await client.PostAsync("/-/npm/v1/security/audits", new StringContent(tooDeep));
        using var large = await client.PostAsync(Bulk, new StringContent(new string(' ', 8 * 1024 * 1024 + 1)));
        using var brotli = new StringContent("{}");
        brotli.Headers.ContentEncoding.Add("br");
        using var encoded = await client.PostAsync(Bulk, brotli);

        many.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        deep.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        large.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        encoded.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
    }

    [Theory]
    [InlineData("/-/npm/v1/security/audits/quick")]
    [InlineData("/-/npm/v1/security/audits")]
    public async Task A_tree_is_answered_with_findings_by_the_ways_they_came_in(string path)
    {
        var id = await AddAsync("<2.0.0", "critical");
        var tree = $$$$"""
            {"name":"mine","version":"1.0.0","requires":{"top":"^1.0.0","{{{{_name}}}}":"^2.0.0","tool":"1"},
             "dependencies":{
               "top":{"version":"1.0.0","requires":{"middle":"^1.0.0"}},
               "middle":{"version":"1.5.0","requires":{"{{{{_name}}}}":"^1.0.0"},"dependencies":{"{{{{_name}}}}":{"version":"1.9.0"}}},
               "{{{{_name}}}}":{"version":"2.0.0"},
               "tool":{"version":"1.0.0","dev":true,"requires":true,"dependencies":{"{{{{_name}}}}":{"version":"1.0.0","dev":true}}},
               "odd":{"optional":true}}}
            """;

        var answer = await AskAsync(path, tree);

        var advisory = answer["advisories"]![$"{id}"]!;
        advisory["module_name"]!.GetValue<string>().ShouldBe(_name);
        advisory["patched_versions"]!.GetValue<string>().ShouldBe("<0.0.0");
        advisory["findings"]!.AsArray().Select(static finding => finding!.ToJsonString()).ShouldBe(
            [
                $$$"""{"version":"1.9.0","paths":["top\u003Emiddle\u003E{{{_name}}}"],"dev":false,"optional":false,"bundled":false}""",
                $$$"""{"version":"1.0.0","paths":["tool\u003E{{{_name}}}"],"dev":true,"optional":false,"bundled":false}""",
            ],
            ignoreOrder: true);
        answer["actions"]![0]!["resolves"]!.AsArray().Count.ShouldBe(2);
        answer["muted"]!.AsArray().ShouldBeEmpty();
        answer["metadata"]!.ToJsonString().ShouldBe(
            """{"vulnerabilities":{"info":0,"low":0,"moderate":0,"high":0,"critical":2},"dependencies":4,"devDependencies":2,"optionalDependencies":1,"totalDependencies":7}""");
    }

    [Fact]
    public async Task A_tree_without_weaknesses_is_counted()
    {
        var answer = await AskAsync("/-/npm/v1/security/audits/quick", """{"requires":{"a":"1"},"dependencies":{"a":{"version":"1.0.0"}}}""");

        answer["advisories"]!.AsObject().ShouldBeEmpty();
        answer["actions"]!.AsArray().ShouldBeEmpty();
        answer["metadata"]!["totalDependencies"]!.GetValue<int>().ShouldBe(1);
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

    private async Task<long> AddAsync(string range, string severity = "high")
    {
        var id = AdvisorySystem.NewId();
        await system.PutAdvisoryAsync(id, _name, range, ("severity", severity));
        return id;
    }

    private async Task<JsonNode> AskAsync(string path, string body)
    {
        using var client = system.Npm();
        using var response = await client.PostAsync(path, new StringContent(body, new MediaTypeHeaderValue("application/json")));
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return await ReadAsync(response);
    }
}
