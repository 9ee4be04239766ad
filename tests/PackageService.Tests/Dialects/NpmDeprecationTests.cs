using System.Text.Json.Nodes;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Events;
using Registry.Contracts.Http;
using Registry.PackageService.Data;
using Registry.PackageService.Tests.Running;

namespace Registry.PackageService.Tests.Dialects;

/// <summary><c>npm deprecate</c>: a packument sent back with other deprecations (npm protocol 3.5).</summary>
public sealed class NpmDeprecationTests(PackageSystem system)
{
    [Fact]
    public async Task Versions_are_deprecated_and_cleared_in_one_request_and_readers_see_it_at_once()
    {
        var (npm, name) = await PublishedAsync("1.0.0", "1.1.0", "2.0.0");
        using (npm)
        {
            using var first = await npm.UpdateAsync(name, d => d["versions"]!["1.0.0"]!["deprecated"] = "old");
            using var second = await npm.UpdateAsync(name, d =>
            {
                d["versions"]!["1.0.0"]!["deprecated"] = "";
                d["versions"]!["1.1.0"]!["deprecated"] = "use 2";
                d["versions"]!["2.0.0"]!["deprecated"] = "use 3";
            });

            await first.ShouldBeOkAsync(name);
            var rev = await second.ShouldBeOkAsync(name);
            var document = await npm.ReadAsync(name);
            document["_rev"]!.GetValue<string>().ShouldBe(rev);
            document["versions"]!.AsObject().Select(v => v.Value!["deprecated"]?.GetValue<string>()).ShouldBe([null, "use 2", "use 3"]);
        }
    }

    [Fact]
    public async Task Nothing_but_the_deprecations_of_versions_that_exist_is_taken()
    {
        var (npm, name) = await PublishedAsync("1.0.0", "2.0.0");
        using (npm)
        {
            var before = await npm.ReadAsync(name);

            using var answer = await npm.UpdateAsync(name, d =>
            {
                var versions = d["versions"]!.AsObject();
                versions["1.0.0"]!["deprecated"] = "old";
                versions["1.0.0"]!["dist"]!["integrity"] = "sha512-AAAA";
                versions["1.0.0"]!["dependencies"] = new JsonObject { ["evil"] = "1" };
                versions["3.0.0"] = new JsonObject { ["name"] = name, ["version"] = "3.0.0", ["deprecated"] = "never was" };
                versions.Remove("2.0.0");
                d["dist-tags"] = new JsonObject { ["latest"] = "1.0.0" };
                d["maintainers"] = new JsonArray();
                d["users"] = new JsonObject { ["mallory"] = true };
                d["readme"] = "changed";
            });

            await answer.ShouldBeOkAsync(name);
            var after = await npm.ReadAsync(name);
            after["versions"]!["1.0.0"]!["deprecated"]!.GetValue<string>().ShouldBe("old");
            after["versions"]!["1.0.0"]!.AsObject().Remove("deprecated");
            Comparable(after).ShouldBe(Comparable(before));
        }
    }

    [Fact]
    public async Task What_says_nothing_changes_nothing()
    {
        var (npm, name) = await PublishedAsync("1.0.0");
        using (npm)
        {
            using var deprecated = await npm.UpdateAsync(name, d => d["versions"]!["1.0.0"]!["deprecated"] = "old");
            var rev = await deprecated.ShouldBeOkAsync(name);

            using var same = await npm.UpdateAsync(name, static _ => { });
            using var absent = await npm.UpdateAsync(name, d => d["versions"]!["1.0.0"]!.AsObject().Remove("deprecated"));
            using var noText = await npm.UpdateAsync(name, d => d["versions"]!["1.0.0"]!["deprecated"] = false);

            (await same.ShouldBeOkAsync(name), await absent.ShouldBeOkAsync(name), await noText.ShouldBeOkAsync(name)).ShouldBe((rev, rev, rev));
        }
    }

    [Fact]
    public async Task A_stale_revision_is_409_and_none_is_accepted()
    {
        var (npm, name) = await PublishedAsync("1.0.0");
        using (npm)
        {
            using var stale = await npm.UpdateAsync(name, d => (d["_rev"], d["versions"]!["1.0.0"]!["deprecated"]) = ($"1-{new string('0', 32)}", "old"));
            using var none = await npm.UpdateAsync(name, d =>
            {
                d.Remove("_rev");
                d["versions"]!["1.0.0"]!["deprecated"] = "old";
            });

            await stale.ShouldBeRefusedAsync(409, "revision_conflict");
            (await stale.JsonAsync())["error"]!.GetValue<string>().ShouldBe("Document update conflict");
            await none.ShouldBeOkAsync(name);
        }
    }

    [Fact]
    public async Task Who_may_not_and_what_is_no_change_are_refused()
    {
        var (npm, name) = await PublishedAsync("1.0.0");
        using (npm)
        {
            using var stranger = new NpmClient(system, await system.NewUserAsync());
            using var nobody = new NpmClient(system, Caller.Anonymous);
            var document = await npm.ReadAsync(name);
            var other = PackageSystem.NewName();
            document["versions"]!["1.0.0"]!["deprecated"] = "old";

            foreach (var (request, status, code) in new (Func<Task<HttpResponseMessage>>, int, string)[]
            {
                (() => nobody.PutAsync($"/{name}", document), 401, "login_required"),
                (() => stranger.PutAsync($"/{name}", document), 403, "not_a_maintainer"),
                (() => npm.PutAsync($"/{other}", new JsonObject { ["versions"] = new JsonObject() }), 404, "package_not_found"),
                (() => npm.PutAsync($"/{name}", new JsonObject { ["_id"] = other, ["versions"] = new JsonObject() }), 400, "name_mismatch"),
                (() => npm.PutAsync($"/{name}", new JsonObject { ["readme"] = "x" }), 400, "unsupported_update"),
                (() => npm.PutAsync($"/{name}", new JsonArray()), 400, "invalid_json"),
                (() => npm.UpdateAsync(name, d => d["versions"]!["1.0.0"]!["deprecated"] = new string('x', 5000)), 400, "deprecation_too_long"),
                (() => npm.UpdateAsync(name, d => d["versions"]!["1.0.0"]!["deprecated"] = "a\0b"), 400, "invalid_text"),
            })
            {
                using var response = await request();
                await response.ShouldBeRefusedAsync(status, code);
            }

            (await npm.ReadAsync(name))["versions"]!["1.0.0"]!["deprecated"].ShouldBeNull();
        }
    }

    [Fact]
    public async Task The_feed_names_the_version_when_it_is_one_and_tells_that_it_was_cleared()
    {
        var (npm, name) = await PublishedAsync("1.0.0", "2.0.0");
        using (npm)
        {
            foreach (var (one, two) in new[] { ("a", "b"), ("a", ""), ("", "b") })
            {
                using var answer = await npm.UpdateAsync(name, d => (d["versions"]!["1.0.0"]!["deprecated"], d["versions"]!["2.0.0"]!["deprecated"]) = (one, two));
                await answer.ShouldBeOkAsync(name);
            }
        }

        await using var scope = system.Packages.Services.CreateAsyncScope();
        var changes = await scope.ServiceProvider.GetRequiredService<PackageDbContext>().Changes
            .Where(c => c.Package == name && c.Kind == PackageChangeKind.Deprecated).OrderBy(c => c.Position).ToListAsync();
        changes.Select(c => (c.Version, c.Detail?.Removed)).ShouldBe([(null, null), ("2.0.0", true), ("2.0.0", null), ("1.0.0", true)]);
    }

    private static string Comparable(JsonObject document)
    {
        document.Remove("_rev");
        document["time"]!.AsObject().Remove("modified");
        return document.ToJsonString();
    }

    private async Task<(NpmClient Npm, string Name)> PublishedAsync(params string[] versions)
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        foreach (var version in versions)
        {
            await system.PublishedAsync(user, name, version);
        }

        return (new NpmClient(system, user), name);
    }
}
