using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.PackageService.Tests.Running;

namespace Registry.PackageService.Tests.Dialects;

/// <summary><c>pnpm publish -r --batch</c>: several packages in one request, and npm 6's document with all versions (npm protocol 3.4).</summary>
public sealed class NpmBatchTests(PackageSystem system)
{
    private const string Shipped = "/-/pnpr/v0/publish";
    private const string Later = "/-/pnpm/v1/publish";

    [Theory]
    [InlineData(Shipped)]
    [InlineData(Later)]
    public async Task All_packages_of_a_batch_are_there_for_the_next_request(string path)
    {
        using var pnpm = new NpmClient(system, await system.NewUserAsync());
        var names = new[] { PackageSystem.NewName("a"), $"@{PackageSystem.NewName("s")}/x", PackageSystem.NewName("c") };

        using var published = await pnpm.PutAsync(path, Batch(names.Select(name => PublishBody.Npm(name))));

        var answer = await published.JsonAsync();
        ((int)published.StatusCode).ShouldBe(201, answer.ToJsonString());
        answer["success"]!.GetValue<bool>().ShouldBeTrue();
        published.Headers.GetValues(InternalHeaders.Changed).Single().Split(',').ShouldBe(names.Select(name => $"main/{name}"), ignoreOrder: true);
        foreach (var package in answer["packages"]!.AsArray())
        {
            (await pnpm.ReadAsync(package!["id"]!.GetValue<string>()))["_rev"]!.GetValue<string>().ShouldBe(package["rev"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task When_one_package_cannot_be_published_none_is()
    {
        var (user, other) = (await system.NewUserAsync(), await system.NewUserAsync());
        using var pnpm = new NpmClient(system, user);
        var (mine, theirs, taken) = (PackageSystem.NewName("a"), PackageSystem.NewName("b"), PackageSystem.NewName("z"));
        await system.PublishedAsync(other, theirs);
        await system.PublishedAsync(user, taken);
        var (good, bad) = (PublishBody.Npm(mine), PublishBody.Npm(PackageSystem.NewName("c"), change: d => d["versions"]!["1.0.0"]!["dist"]!["shasum"] = new string('0', 40)));

        foreach (var (documents, status, code) in new (JsonNode[], int, string)[]
        {
            ([good, PublishBody.Npm(taken)], 403, "version_exists"),
            ([good, PublishBody.Npm(theirs, "2.0.0")], 403, "not_a_maintainer"),
            ([good, bad], 400, "integrity_mismatch"),
            ([good, PublishBody.Npm(mine, "2.0.0")], 400, "package_repeated"),
            ([good, PublishBody.Npm($"{mine[..5]}-{mine[5..]}")], 403, "name_too_similar"),
            ([good, new JsonObject { ["name"] = theirs }], 400, "missing_tarball"),
            ([good, PublishBody.Npm("Upper")], 400, "invalid_name"),
            ([good, "text"], 400, "invalid_json"),
            ([.. Enumerable.Range(0, 101).Select(i => PublishBody.Npm($"{mine}-{i}"))], 413, "batch_too_large"),
            ([], 400, "missing_tarball"),
        })
        {
            using var refused = await pnpm.PutAsync(Shipped, Batch(documents));
            await refused.ShouldBeRefusedAsync(status, code);
        }

        using var packument = await pnpm.GetAsync($"/{mine}");
        await packument.ShouldBeRefusedAsync(404, "package_not_found");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"packages":{}}""")]
    [InlineData("""{"packages":[{}""")]
    [InlineData("""{"packages":[{"a":"\""}""")]
    [InlineData("""{"packages":[],"more":1}""")]
    [InlineData("""{"packages":[{}{}]}""")]
    [InlineData("""{"packages":[]} x""")]
    public async Task A_body_of_another_shape_is_refused(string body)
    {
        using var pnpm = new NpmClient(system, await system.NewUserAsync());
        using var nobody = new NpmClient(system, Caller.Anonymous);
        using var readOnly = new NpmClient(system, await system.NewUserAsync() with { Limits = new TokenLimits(true, null, null) });

        using var refused = await pnpm.SendAsync(HttpMethod.Put, Shipped, new StringContent(body));
        using var anonymous = await nobody.SendAsync(HttpMethod.Put, Shipped, new StringContent(body));
        using var limited = await readOnly.SendAsync(HttpMethod.Put, Shipped, new StringContent(body));

        ((int)refused.StatusCode).ShouldBe(400, await refused.Content.ReadAsStringAsync());
        await anonymous.ShouldBeRefusedAsync(401, "login_required");
        await limited.ShouldBeRefusedAsync(403, "token_read_only");
    }

    [Fact]
    public async Task A_document_that_lists_the_versions_there_are_beside_a_new_one_publishes_that()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        await system.PublishedAsync(user, name, "1.0.0");
        await system.PublishedAsync(user, name, "1.1.0", "next");
        using var npm = new NpmClient(system, user);
        var before = (await npm.ReadAsync(name))["versions"]!["1.0.0"]!.ToJsonString();

        using var published = await npm.PutAsync($"/{name}", await MergedAsync(npm, name, "2.0.0", d => d["versions"]!["1.0.0"]!["description"] = "forged"));
        using var second = await npm.PutAsync($"/{name}", await MergedAsync(npm, name, "3.0.0", d => d["versions"]!["4.0.0"] = new JsonObject()));

        await published.ShouldBeOkAsync(name, 201);
        await second.ShouldBeRefusedAsync(400, "invalid_version");
        var document = await npm.ReadAsync(name);
        document["versions"]!.AsObject().Select(v => v.Key).ShouldBe(["1.0.0", "1.1.0", "2.0.0"]);
        document["versions"]!["1.0.0"]!.ToJsonString().ShouldBe(before);
        document["dist-tags"]!.ToJsonString().ShouldBe("""{"latest":"2.0.0","next":"1.1.0"}""");
    }

    private static JsonObject Batch(IEnumerable<JsonNode> documents) => new() { ["packages"] = new JsonArray([.. documents.Select(d => d.DeepClone())]) };

    /// <summary>What npm 6 sends after a conflict: what it has read again, and its own version in it.</summary>
    private static async Task<JsonObject> MergedAsync(NpmClient npm, string name, string version, Action<JsonObject> change)
    {
        var (document, own) = (await npm.ReadAsync(name), PublishBody.Npm(name, version));
        document["versions"]![version] = own["versions"]![version]!.DeepClone();
        document["dist-tags"]!["latest"] = version;
        document["_attachments"] = own["_attachments"]!.DeepClone();
        change(document);
        return document;
    }
}
