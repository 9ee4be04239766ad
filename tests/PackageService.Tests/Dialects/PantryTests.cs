using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Tests.Running;

namespace Registry.PackageService.Tests.Dialects;

public sealed class PantryTests(PackageSystem system)
{
    [Theory]
    [InlineData("/publish")]
    [InlineData("/packages")]
    [InlineData("/packages/publish")]
    public async Task Publishing_either_body_answers_201_and_the_package_is_there(string path)
    {
        var (user, parts, json) = (await system.NewUserAsync(), PackageSystem.NewName(), PackageSystem.NewName());
        using var client = system.Pantry(user);

        using var multipart = await client.PostAsync(path, PublishBody.PantryParts(parts));
        using var document = await client.PostAsJsonAsync(path, PublishBody.PantryJson(json));

        foreach (var (response, name) in new[] { (multipart, parts), (document, json) })
        {
            response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
            (await response.Content.ReadAsStringAsync()).ShouldBe($$"""{"success":true,"message":"Published {{name}}@1.0.0"}""");
            response.Headers.GetValues(InternalHeaders.Changed).ShouldBe([$"main/{name}"]);
            using var latest = await system.Pantry().GetAsync($"/packages/{name}");
            latest.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task The_latest_version_is_an_object_in_the_seeds_shape()
    {
        var user = await system.NewUserAsync();
        var name = $"@{PackageSystem.NewName("s")}/x";
        var manifest = new JsonObject
        {
            ["description"] = "d",
            ["license"] = new JsonObject { ["type"] = "MIT" },
            ["author"] = new JsonObject { ["name"] = "A" },
            ["repository"] = new JsonObject { ["url"] = "https://git.example.test/x" },
            ["error"] = "not a failure",
            ["dependencies"] = new JsonObject { ["a"] = "1" },
        };
        var command = PackageSystem.Command(name, manifest: manifest) with { Access = RequestedAccess.Public };
        await system.PublishAsync(command, user);
        await system.PublishedAsync(user, name, "2.0.0-rc.1", "next");

        var latest = (await system.Pantry().GetFromJsonAsync<JsonObject>($"/packages/{name}"))!;

        latest.Select(m => m.Key).ShouldBe(
            ["name", "version", "description", "repository", "license", "author", "dependencies", "tarballUrl", "checksum", "publishedAt", "size"]);
        latest["version"]!.GetValue<string>().ShouldBe("1.0.0"); // the highest stable one
        latest["repository"]!.GetValue<string>().ShouldBe("https://git.example.test/x");
        latest["tarballUrl"]!.GetValue<string>().ShouldBe($"http://registry.test/packages/{name}/1.0.0/tarball");
        latest["checksum"]!.GetValue<string>().ShouldBe(command.Tarball.Digest);
    }

    [Fact]
    public async Task Versions_ascend_and_latest_is_the_highest_stable_until_the_tag_is_moved_by_hand()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        foreach (var (version, tag) in new[] { ("1.10.0", "latest"), ("1.9.0", "latest"), ("2.0.0-alpha.2", "next"), ("2.0.0-alpha.10", "next") })
        {
            await system.PublishedAsync(user, name, version, tag);
        }

        using var client = system.Pantry();
        (await client.GetStringAsync($"/packages/{name}/versions")).ShouldBe("""{"versions":["1.9.0","1.10.0","2.0.0-alpha.2","2.0.0-alpha.10"]}""");
        (await client.GetFromJsonAsync<JsonObject>($"/packages/{name}"))!["version"]!.GetValue<string>().ShouldBe("1.10.0");
        using var npm = system.Npm(user);
        using var moved = await npm.PutAsJsonAsync($"/-/package/{name}/dist-tags/latest", "1.9.0");
        moved.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetFromJsonAsync<JsonObject>($"/packages/{name}"))!["version"]!.GetValue<string>().ShouldBe("1.9.0");
    }

    [Fact]
    public async Task A_tarball_comes_as_gzip_attachment_with_the_etag_npm_sees()
    {
        var user = await system.NewUserAsync();
        var name = $"@{PackageSystem.NewName("s")}/x";
        await system.PublishedAsync(user, name);

        using var tarball = await system.Pantry().GetAsync($"/packages/{name}/1.0.0/tarball");
        using var npm = await system.Npm().GetAsync($"/{name}/-/x-1.0.0.tgz");

        tarball.Content.Headers.ContentType!.MediaType.ShouldBe("application/gzip");
        tarball.Content.Headers.ContentDisposition!.FileName.ShouldBe($"{name[1..].Replace('/', '-')}-1.0.0.tgz");
        tarball.Headers.ETag.ShouldBe(npm.Headers.ETag);
        tarball.Headers.GetValues(InternalHeaders.Blob).ShouldBe(npm.Headers.GetValues(InternalHeaders.Blob));
    }

    [Fact]
    public async Task Errors_have_the_seeds_status_and_text()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        await system.PublishedAsync(user, name);
        using var client = system.Pantry(user);
        var read = new TokenLimits(true, null, null);
        var reserved = PublishBody.PantryJson("publish");

        foreach (var (request, status, text) in new (Func<Task<HttpResponseMessage>>, int, string)[]
        {
            (() => client.GetAsync($"/packages/{PackageSystem.NewName()}"), 404, "Package not found"),
            (() => client.GetAsync($"/packages/{name}/9.9.9"), 404, "Package version not found"),
            (() => client.GetAsync($"/packages/{name}/9.9.9/tarball"), 404, "Package version not found"),
            (() => client.GetAsync($"/packages/{name}/a%20b/tarball"), 400, "Invalid version"),
            (() => client.GetAsync("/packages/_x"), 400, "not a package name"),
            (() => client.PostAsJsonAsync("/publish", PublishBody.PantryJson(name)), 409, "Version already exists"),
            (() => client.PostAsJsonAsync("/publish", PublishBody.PantryJson(name)), 409, "cannot publish over the previously published version"),
            (() => client.PostAsJsonAsync("/publish", new { metadata = new { name } }), 400, "Missing tarball"),
            (() => client.PostAsJsonAsync("/publish", reserved), 400, "reserved"),
            (() => client.PostAsync("/publish", new StringContent("x")), 415, "Unsupported content type"),
            (() => system.Pantry().PostAsJsonAsync("/publish", PublishBody.PantryJson(name)), 401, "logged in"),
            (() => system.Pantry(user with { Limits = read }).PostAsJsonAsync("/publish", reserved.DeepClone()), 403, "may only read"),
        })
        {
            using var response = await request();
            ((int)response.StatusCode).ShouldBe(status, text);
            (await response.Content.ReadFromJsonAsync<JsonObject>())!["error"]!.GetValue<string>().ShouldContain(text);
        }
    }
}
