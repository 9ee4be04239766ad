using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.PackageService.Tests.Running;

namespace Registry.PackageService.Tests.Dialects;

/// <summary>All dist-tags of a package at once (npm protocol 3.6).</summary>
public sealed class NpmDistTagSetTests(PackageSystem system)
{
    [Fact]
    public async Task Put_replaces_them_and_post_merges()
    {
        var (npm, name, path) = await PublishedAsync();
        using (npm)
        {
            using var replaced = await npm.PutAsync(path, new JsonObject { ["latest"] = "1.0.0", ["stable"] = "1.0.0", ["_etag"] = "x" });
            var afterPut = await TagsAsync(npm, path);
            using var merged = await npm.SendAsync(HttpMethod.Post, path, JsonContent.Create(new { next = "2.0.0", stable = "2.0.0" }));

            await replaced.ShouldBeOkAsync(name, 201);
            (await replaced.JsonAsync())["ok"]!.GetValue<string>().ShouldBe("dist-tags updated");
            afterPut.ShouldBe("""{"latest":"1.0.0","stable":"1.0.0"}""");
            await merged.ShouldBeOkAsync(name, 201);
            (await TagsAsync(npm, path)).ShouldBe("""{"latest":"1.0.0","next":"2.0.0","stable":"2.0.0"}""");
        }
    }

    [Fact]
    public async Task A_set_that_cannot_be_is_refused_as_a_whole()
    {
        var (npm, name, path) = await PublishedAsync();
        using (npm)
        {
            using var stranger = new NpmClient(system, await system.NewUserAsync());
            using var nobody = new NpmClient(system, Caller.Anonymous);
            var many = new JsonObject(Enumerable.Range(0, 200).Select(i => KeyValuePair.Create($"t{i}", (JsonNode?)"1.0.0")));
            var before = await TagsAsync(npm, path);

            foreach (var (request, status, code) in new (Func<Task<HttpResponseMessage>>, int, string)[]
            {
                (() => npm.PutAsync(path, new JsonObject { ["next"] = "1.0.0" }), 400, "latest_required"),
                (() => npm.PutAsync(path, new JsonObject { ["latest"] = "1.0.0", ["beta"] = "9.9.9" }), 404, "version_not_found"),
                (() => npm.PutAsync(path, new JsonObject { ["latest"] = "1.0.0", ["1.x"] = "1.0.0" }), 400, "invalid_tag"),
                (() => npm.PutAsync(path, new JsonObject { ["latest"] = 1 }), 400, "invalid_tag"),
                (() => npm.PutAsync(path, new JsonObject()), 400, "invalid_tag"),
                (() => npm.PutAsync(path, new JsonArray()), 400, "invalid_tag"),
                (() => npm.PutAsync(path, many), 400, "invalid_tag"),
                (() => stranger.PutAsync(path, new JsonObject { ["latest"] = "1.0.0" }), 403, "not_a_maintainer"),
                (() => nobody.PutAsync(path, new JsonObject { ["latest"] = "1.0.0" }), 401, "login_required"),
                (() => npm.PutAsync($"/-/package/{PackageSystem.NewName()}/dist-tags", new JsonObject { ["latest"] = "1.0.0" }), 404, "package_not_found"),
            })
            {
                using var response = await request();
                await response.ShouldBeRefusedAsync(status, code);
            }

            (await TagsAsync(npm, path)).ShouldBe(before);
        }
    }

    private static async Task<string> TagsAsync(NpmClient npm, string path)
    {
        using var response = await npm.GetAsync(path);
        return await response.Content.ReadAsStringAsync();
    }

    private async Task<(NpmClient Npm, string Name, string Path)> PublishedAsync()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        await system.PublishedAsync(user, name, "1.0.0");
        await system.PublishedAsync(user, name, "2.0.0", "old");
        return (new NpmClient(system, user), name, $"/-/package/{name}/dist-tags");
    }
}
