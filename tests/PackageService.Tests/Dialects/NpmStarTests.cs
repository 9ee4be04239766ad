using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Tests.Running;

namespace Registry.PackageService.Tests.Dialects;

/// <summary>Stars, as npm and pnpm give, take and list them (npm protocol 3.5, 3.13).</summary>
public sealed class NpmStarTests(PackageSystem system)
{
    [Fact]
    public async Task A_reader_stars_and_unstars_as_npm_does()
    {
        var name = PackageSystem.NewName();
        await system.PublishedAsync(await system.NewUserAsync(), name);
        using var reader = await NewClientAsync();

        using var starred = await reader.PutAsync($"/{name}", await StarAsync(reader, name, true));
        var rev = await starred.ShouldBeOkAsync(name);
        var document = await reader.ReadAsync(name);
        using var again = await reader.PutAsync($"/{name}", await StarAsync(reader, name, true));
        using var unstarred = await reader.PutAsync($"/{name}", await StarAsync(reader, name, false));

        document["users"]!.ToJsonString().ShouldBe($$"""{"{{reader.UserName}}":true}""");
        (document["_rev"]!.GetValue<string>(), await again.ShouldBeOkAsync(name)).ShouldBe((rev!, rev));
        await unstarred.ShouldBeOkAsync(name);
        (await reader.ReadAsync(name))["users"]!.AsObject().ShouldBeEmpty();
    }

    [Fact]
    public async Task Nobody_changes_the_star_of_another()
    {
        var name = PackageSystem.NewName();
        await system.PublishedAsync(await system.NewUserAsync(), name);
        using var one = await NewClientAsync();
        using var two = await NewClientAsync();
        using var starred = await one.PutAsync($"/{name}", await StarAsync(one, name, true));

        using var forged = await two.PutAsync($"/{name}", new JsonObject { ["_id"] = name, ["users"] = new JsonObject { [two.UserName] = true, ["mallory"] = true } });

        await starred.ShouldBeOkAsync(name);
        await forged.ShouldBeOkAsync(name);
        (await two.ReadAsync(name))["users"]!.AsObject().Select(user => user.Key).ShouldBe([one.UserName, two.UserName], ignoreOrder: true);
    }

    [Fact]
    public async Task A_star_needs_an_account_and_a_package_that_can_be_read_and_the_revision_it_names()
    {
        var (owner, name, hidden) = (await system.NewUserAsync(), PackageSystem.NewName(), $"@{PackageSystem.NewName("s")}/x");
        await system.PublishedAsync(owner, name);
        await system.PublishedAsync(owner, hidden, access: RequestedAccess.Restricted);
        using var reader = await NewClientAsync();
        using var nobody = new NpmClient(system, Caller.Anonymous);
        using var readOnly = new NpmClient(system, await system.NewUserAsync() with { Limits = new TokenLimits(true, null, null) });
        var body = new JsonObject { ["_rev"] = $"1-{new string('0', 32)}", ["users"] = new JsonObject { [reader.UserName] = true } };

        foreach (var (request, status, code) in new (Func<Task<HttpResponseMessage>>, int, string)[]
        {
            (() => reader.PutAsync($"/{name}", body), 409, "revision_conflict"),
            (() => nobody.PutAsync($"/{name}", body), 401, "login_required"),
            (() => readOnly.PutAsync($"/{name}", body), 403, "token_read_only"),
            (() => reader.PutAsync($"/{hidden}", body), 404, "package_not_found"),
            (() => reader.PutAsync($"/-/user/package/{hidden}/star", new JsonObject()), 404, "package_not_found"),
            (() => nobody.PutAsync("/-/user/v1/star", new JsonObject { ["package"] = name }), 401, "login_required"),
            (() => nobody.GetAsync("/-/user/v1/star"), 401, "login_required"),
            (() => reader.PutAsync("/-/user/v1/star", new JsonObject { ["package"] = "@x" }), 400, "invalid_request"),
            (() => reader.PutAsync("/-/user/v1/star", new JsonArray()), 400, "invalid_request"),
            (() => reader.GetAsync("/-/_view/starredByUser?key=ada"), 400, "invalid_request"),
        })
        {
            using var response = await request();
            await response.ShouldBeRefusedAsync(status, code);
        }
    }

    [Fact]
    public async Task Stars_are_listed_in_every_form_without_what_the_caller_may_not_read()
    {
        var (owner, name, hidden) = (await system.NewUserAsync(), PackageSystem.NewName(), $"@{PackageSystem.NewName("s")}/x");
        await system.PublishedAsync(owner, name);
        await system.PublishedAsync(owner, hidden, access: RequestedAccess.Restricted);
        using var npm = new NpmClient(system, owner);
        using var reader = await NewClientAsync();
        foreach (var package in new[] { name, hidden })
        {
            using var starred = await npm.PutAsync("/-/user/v1/star", new JsonObject { ["name"] = package, ["package"] = package });
            await starred.ShouldBeOkAsync(package);
        }

        (await ListAsync(npm, "/-/user/v1/star")).ShouldBe([hidden, name]);
        (await ListAsync(reader, "/-/user/v1/star")).ShouldBeEmpty();
        (await ListAsync(reader, $"/-/user/{owner.UserName}/stars")).ShouldBe([name]);
        (await ListAsync(reader, $"/-/util/user/{owner.UserName}/stars")).ShouldBe([name]);
        using var view = await reader.GetAsync($"/-/_view/starredByUser?key=%22{owner.UserName}%22");
        (await view.JsonAsync()).ToJsonString().ShouldBe($$"""{"rows":[{"value":"{{name}}"}]}""");
        using var nul = await reader.GetAsync("/-/_view/starredByUser?key=%22%5Cu0000%22");
        (await nul.JsonAsync()).ToJsonString().ShouldBe("""{"rows":[]}""");
    }

    [Fact]
    public async Task Pnpm_takes_a_star_back_by_name_and_by_path_and_gives_one_through_the_revision()
    {
        var name = PackageSystem.NewName();
        await system.PublishedAsync(await system.NewUserAsync(), name);
        using var pnpm = await NewClientAsync();

        using var through = await pnpm.UpdateRevisionAsync(name, d => d["users"]![pnpm.UserName] = true);
        using var byName = await pnpm.SendAsync(HttpMethod.Delete, "/-/user/v1/star", JsonContent.Create(new { package = name }));
        using var given = await pnpm.SendAsync(HttpMethod.Put, $"/-/user/package/{name}/star");
        using var byPath = await pnpm.SendAsync(HttpMethod.Delete, $"/-/user/package/{name}/star");

        foreach (var response in new[] { through, byName, given, byPath })
        {
            await response.ShouldBeOkAsync(name);
        }

        (await pnpm.ReadAsync(name))["users"]!.AsObject().ShouldBeEmpty();
    }

    private static async Task<JsonObject> StarAsync(NpmClient npm, string name, bool isStarred)
    {
        var document = await npm.ReadAsync(name);
        var users = document["users"]!.DeepClone().AsObject();
        users.Remove(npm.UserName);
        if (isStarred)
        {
            users[npm.UserName] = true;
        }

        return new JsonObject { ["_id"] = name, ["_rev"] = document["_rev"]!.GetValue<string>(), ["users"] = users };
    }

    private static async Task<string[]> ListAsync(NpmClient npm, string path)
    {
        using var response = await npm.GetAsync(path);
        return (await response.Content.ReadFromJsonAsync<string[]>())!;
    }

    private async Task<NpmClient> NewClientAsync() => new(system, await system.NewUserAsync());
}
