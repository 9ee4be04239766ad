using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Tests.Running;

namespace Registry.PackageService.Tests.Dialects;

/// <summary><c>npm owner</c> by the document and <c>pnpm owner</c> by its own paths (npm protocol 3.5, 3.7).</summary>
public sealed class NpmOwnerTests(PackageSystem system)
{
    [Fact]
    public async Task The_list_is_replaced_and_rights_go_with_it()
    {
        var (first, second, name) = (await system.NewUserAsync(), await system.NewUserAsync(), PackageSystem.NewName());
        var rev = await system.PublishedAsync(first, name);
        using var one = new NpmClient(system, first);
        using var two = new NpmClient(system, second);

        using var added = await one.PutAsync($"/{name}/-rev/{rev}", Owners(rev, first.UserName!, second.UserName!, second.UserName!));
        var next = await added.ShouldBeOkAsync(name);
        using var removed = await two.PutAsync($"/{name}/-rev/{next}", Owners(next!, second.UserName!));
        var last = await removed.ShouldBeOkAsync(name);
        using var late = await one.PutAsync($"/{name}/-rev/{last}", Owners(last!, first.UserName!));

        await late.ShouldBeRefusedAsync(403, "not_a_maintainer");
        (await two.ReadAsync(name))["maintainers"]!.ToJsonString().ShouldBe($$"""[{"name":"{{second.UserName}}","email":"{{second.UserName}}@example.test"}]""");
    }

    [Fact]
    public async Task A_list_that_cannot_be_is_refused_and_changes_nothing()
    {
        var (owner, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        var rev = await system.PublishedAsync(owner, name);
        using var npm = new NpmClient(system, owner);
        using var stranger = new NpmClient(system, await system.NewUserAsync());
        using var nobody = new NpmClient(system, Caller.Anonymous);
        var me = owner.UserName!;
        var stale = $"1-{new string('0', 32)}";

        foreach (var (request, status, code) in new (Func<Task<HttpResponseMessage>>, int, string)[]
        {
            (() => npm.PutAsync($"/{name}/-rev/{rev}", Owners(rev)), 400, "maintainer_required"),
            (() => npm.PutAsync($"/{name}/-rev/{rev}", Owners(rev, me, "nobody-of-this-name")), 400, "maintainer_unknown"),
            (() => npm.PutAsync($"/{name}/-rev/{rev}", Owners(rev, me, new string('x', 10_000))), 400, "maintainer_unknown"),
            (() => npm.PutAsync($"/{name}/-rev/{rev}", Owners(rev, [.. Enumerable.Repeat(me, 300)])), 400, "too_many_maintainers"),
            (() => npm.PutAsync($"/{name}/-rev/{rev}", new JsonObject { ["maintainers"] = new JsonArray("ada") }), 400, "unsupported_update"),
            (() => npm.PutAsync($"/{name}/-rev/{stale}", Owners(rev, me)), 409, "revision_conflict"),
            (() => npm.PutAsync($"/{name}/-rev/{rev}", Owners(stale, me)), 409, "revision_conflict"),
            (() => npm.PutAsync($"/{name}/-rev/undefined", new JsonObject { ["maintainers"] = Owners(rev, me)["maintainers"]!.DeepClone() }), 409, "revision_conflict"),
            (() => npm.PutAsync($"/{name}/-rev/{rev}", PublishBody.Npm(name, "2.0.0")), 400, "unsupported_update"),
            (() => stranger.PutAsync($"/{name}/-rev/{rev}", Owners(rev, stranger.UserName)), 403, "not_a_maintainer"),
            (() => nobody.PutAsync($"/{name}/-rev/{rev}", Owners(rev, me)), 401, "login_required"),
            (() => npm.PutAsync($"/{PackageSystem.NewName()}/-rev/{rev}", Owners(rev, me)), 404, "package_not_found"),
        })
        {
            using var response = await request();
            await response.ShouldBeRefusedAsync(status, code);
        }

        (await npm.ReadAsync(name))["_rev"]!.GetValue<string>().ShouldBe(rev);
    }

    [Fact]
    public async Task Pnpm_lists_adds_and_removes_one()
    {
        var (owner, other, name) = (await system.NewUserAsync(), await system.NewUserAsync(), PackageSystem.NewName());
        await system.PublishedAsync(owner, name);
        using var pnpm = new NpmClient(system, owner);

        using var added = await pnpm.PutAsync($"/-/package/{name}/owners", new JsonObject { ["user"] = other.UserName });
        await added.ShouldBeOkAsync(name);
        using var listed = await pnpm.GetAsync($"/-/package/{name}/owners");
        using var removed = await pnpm.SendAsync(HttpMethod.Delete, $"/-/package/{name}/owners/{owner.UserName}");

        await removed.ShouldBeOkAsync(name);
        var owners = (await listed.Content.ReadFromJsonAsync<JsonArray>())!;
        owners.Select(one => one!["username"]!.GetValue<string>()).ShouldBe([owner.UserName, other.UserName], ignoreOrder: true);
        owners[0]!["email"]!.GetValue<string>().ShouldEndWith("@example.test");
    }

    [Fact]
    public async Task Pnpm_is_refused_what_npm_is()
    {
        var (owner, name, hidden) = (await system.NewUserAsync(), PackageSystem.NewName(), $"@{PackageSystem.NewName("s")}/x");
        await system.PublishedAsync(owner, name);
        await system.PublishedAsync(owner, hidden, access: RequestedAccess.Restricted);
        using var pnpm = new NpmClient(system, owner);
        using var stranger = new NpmClient(system, await system.NewUserAsync());
        using var nobody = new NpmClient(system, Caller.Anonymous);
        var owners = $"/-/package/{name}/owners";

        foreach (var (request, status, code) in new (Func<Task<HttpResponseMessage>>, int, string)[]
        {
            (() => pnpm.SendAsync(HttpMethod.Delete, $"{owners}/{owner.UserName}"), 400, "maintainer_required"),
            (() => pnpm.SendAsync(HttpMethod.Delete, $"{owners}/nobody"), 404, "maintainer_not_found"),
            (() => pnpm.PutAsync(owners, new JsonObject { ["user"] = "nobody-of-this-name" }), 400, "maintainer_unknown"),
            (() => pnpm.PutAsync(owners, new JsonObject { ["user"] = "a\0b" }), 400, "maintainer_unknown"),
            (() => pnpm.PutAsync(owners, new JsonObject()), 400, "invalid_request"),
            (() => stranger.PutAsync(owners, new JsonObject { ["user"] = stranger.UserName }), 403, "not_a_maintainer"),
            (() => nobody.PutAsync(owners, new JsonObject { ["user"] = owner.UserName }), 401, "login_required"),
            (() => stranger.GetAsync($"/-/package/{hidden}/owners"), 404, "package_not_found"),
            (() => stranger.PutAsync($"/-/package/{hidden}/owners", new JsonObject { ["user"] = stranger.UserName }), 404, "package_not_found"),
        })
        {
            using var response = await request();
            await response.ShouldBeRefusedAsync(status, code);
        }
    }

    private static JsonObject Owners(string rev, params string[] names) => new()
    {
        ["_rev"] = rev,
        ["maintainers"] = new JsonArray([.. names.Select(name => new JsonObject { ["name"] = name, ["email"] = "forged@example.test" })]),
    };
}
