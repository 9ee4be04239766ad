using System.Text.Json.Nodes;

using Registry.PackageService.Tests.Running;

namespace Registry.PackageService.Tests.Dialects;

/// <summary>Writes of one package that meet (npm protocol 3.4): each either happens or says that it did not, and none undoes another.</summary>
public sealed class NpmRaceTests(PackageSystem system)
{
    private const int Clients = 20;

    [Fact]
    public async Task Different_versions_published_by_twenty_clients_at_once_all_survive()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        var versions = Enumerable.Range(0, Clients).Select(i => $"1.0.{i}").ToList();

        var revs = await Task.WhenAll(versions.Select(async version =>
        {
            using var npm = new NpmClient(system, user);
            using var published = await npm.PutAsync($"/{name}", PublishBody.Npm(name, version));
            return await published.ShouldBeOkAsync(name, 201);
        }));

        using var reader = new NpmClient(system, user);
        var document = await reader.ReadAsync(name);
        revs.ShouldBeUnique();
        revs.ShouldContain(document["_rev"]!.GetValue<string>());
        document["versions"]!.AsObject().Select(v => v.Key).ShouldBe(versions, ignoreOrder: true);
        document["time"]!.AsObject().Select(t => t.Key).ShouldBe([.. versions, "created", "modified"], ignoreOrder: true);
    }

    [Fact]
    public async Task Tags_deprecations_stars_and_owners_lose_nothing_while_versions_are_published()
    {
        var (user, other, name) = (await system.NewUserAsync(), await system.NewUserAsync(), PackageSystem.NewName());
        await system.PublishedAsync(user, name);
        using var npm = new NpmClient(system, user);
        using var reader = new NpmClient(system, other);

        await Task.WhenAll(
        [
            .. Enumerable.Range(1, 8).Select(i => OkAsync(() => npm.PutAsync($"/{name}", PublishBody.Npm(name, $"1.0.{i}", tag: $"p{i}")), name, 201)),
            .. Enumerable.Range(1, 8).Select(i => OkAsync(() => npm.PutAsync($"/-/package/{name}/dist-tags/t{i}", "1.0.0"), name, 200)),
            RetriedAsync(() => npm.UpdateAsync(name, d => d["versions"]!["1.0.0"]!["deprecated"] = "old"), name),
            RetriedAsync(() => reader.UpdateAsync(name, d => Star(d, other.UserName!)), name),
            OkAsync(() => npm.PutAsync($"/-/package/{name}/owners", new JsonObject { ["user"] = other.UserName }), name, 200),
        ]);

        var document = await npm.ReadAsync(name);
        document["versions"]!.AsObject().Count.ShouldBe(9);
        document["versions"]!["1.0.0"]!["deprecated"]!.GetValue<string>().ShouldBe("old");
        document["dist-tags"]!.AsObject().Select(t => t.Key).ShouldBe(
            [.. Enumerable.Range(1, 8).SelectMany(i => new[] { $"p{i}", $"t{i}" }), "latest"], ignoreOrder: true);
        document["users"]!.AsObject().Select(u => u.Key).ShouldBe([other.UserName!]);
        document["maintainers"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task Of_clients_that_unpublish_from_one_revision_one_wins_and_the_others_are_told()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        for (var i = 0; i < 4; i++)
        {
            await system.PublishedAsync(user, name, $"1.0.{i}");
        }

        using var npm = new NpmClient(system, user);
        var document = await npm.ReadAsync(name);

        var statuses = await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
        {
            var without = document.DeepClone().AsObject();
            without["versions"]!.AsObject().Remove($"1.0.{i}");
            using var answer = await npm.PutAsync($"/{name}/-rev/{document["_rev"]}", without);
            return (int)answer.StatusCode;
        }));

        statuses.Order().ShouldBe([200, 409, 409, 409]);
        (await npm.ReadAsync(name))["versions"]!.AsObject().Count.ShouldBe(3);
    }

    private static void Star(JsonObject document, string user)
    {
        document.Remove("versions");
        document["users"]![user] = true;
    }

    private static async Task OkAsync(Func<Task<HttpResponseMessage>> write, string name, int status)
    {
        using var response = await write();
        await response.ShouldBeOkAsync(name, status);
    }

    /// <summary>As people do who are told that the document has changed.</summary>
    private static async Task RetriedAsync(Func<Task<HttpResponseMessage>> write, string name)
    {
        for (var attempt = 0; attempt < 50; attempt++)
        {
            using var response = await write();
            if ((int)response.StatusCode != 409)
            {
                await response.ShouldBeOkAsync(name);
                return;
            }
        }

        throw new TimeoutException("The document was changed by others every time.");
    }
}
