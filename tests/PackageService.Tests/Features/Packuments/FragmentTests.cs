using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;

using Registry.PackageService.Data;
using Registry.PackageService.Features.Packuments;
using Registry.PackageService.Tests.Publishing.Tarballs;
using Registry.PackageService.Tests.Running;
using Registry.Testing;

namespace Registry.PackageService.Tests.Features.Packuments;

public sealed class FragmentTests(PackageSystem system)
{
    private static readonly (string, string?) Abbreviated = ("Accept", "application/vnd.npm.install-v1+json");

    [Fact]
    public async Task The_readme_is_that_of_the_latest_version_wherever_it_moves()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        foreach (var (version, tag, readme) in new[] { ("1.0.0", "latest", "# One"), ("2.0.0", "latest", "# Two"), ("3.0.0", "next", "# Three") })
        {
            await system.PublishAsync(PackageSystem.Command(name, version, tag) with { Readme = readme, ReadmeFilename = $"{version}.md" }, user);
        }

        var published = await ReadAsync($"/{name}");
        using var moved = await system.Npm(user).PutAsJsonAsync($"/-/package/{name}/dist-tags/latest", "1.0.0");
        var afterwards = await ReadAsync($"/{name}");

        (Text(published, "readme"), Text(published, "readmeFilename")).ShouldBe(("# Two", "2.0.0.md"));
        (Text(afterwards, "readme"), Text(afterwards, "readmeFilename")).ShouldBe(("# One", "1.0.0.md"));
    }

    [Fact]
    public async Task What_changes_after_publishing_is_shown_in_every_document()
    {
        var (user, name) = (await system.NewUserAsync(), $"@{PackageSystem.NewName("s")}/x");
        await system.PublishedAsync(user, name);
        await system.PublishedAsync(user, name, "1.0.1+build");
        const string reason = "\"no\" longer <maintained> \\ Σ";
        await UseAsync(db => db.Versions.Where(v => v.Version == "1.0.0" && db.Packages.Any(p => p.Id == v.PackageId && p.Name == name))
            .ExecuteUpdateAsync(set => set.SetProperty(v => v.Deprecated, reason)));

        var (full, short_, one) = (await ReadAsync($"/{name}"), await ReadAsync($"/{name}", Abbreviated), await ReadAsync($"/{name}/1.0.0"));

        foreach (var version in new[] { full["versions"]!["1.0.0"]!, short_["versions"]!["1.0.0"]!, one })
        {
            Text(version, "deprecated").ShouldBe(reason);
        }

        foreach (var document in new[] { full, short_ })
        {
            document["versions"]!["1.0.1+build"]!["deprecated"].ShouldBeNull();
            Text(document["versions"]!["1.0.1+build"]!["dist"]!, "tarball").ShouldBe($"http://registry.test/{name}/-/x-1.0.1+build.tgz");
            document["time"]!.AsObject().Select(t => t.Key).ShouldBe(["created", "modified", "1.0.0", "1.0.1+build"]);
        }

        one["maintainers"]![0]!["name"]!.GetValue<string>().ShouldBe(user.UserName);
        JsonNode.DeepEquals(one, full["versions"]!["1.0.0"]).ShouldBeTrue();
    }

    [Fact]
    public async Task Who_likes_a_package_is_in_its_full_document()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        await system.PublishedAsync(user, name);
        await UseAsync(db => db.Database.ExecuteSqlAsync(
            $"INSERT INTO stars (package_id, user_id, user_name, starred_at) SELECT id, u, u, now() FROM packages, unnest(ARRAY['zoe', 'adam']) u WHERE name = {name}"));

        (await ReadAsync($"/{name}"))["users"]!.ToJsonString().ShouldBe("""{"adam":true,"zoe":true}""");
    }

    [Theory]
    [InlineData("""{}""", "binding.gyp", true)]
    [InlineData("""{"scripts":{"install":"x"}}""", null, true)]
    [InlineData("""{"scripts":{"postinstall":"x"},"hasInstallScript":false}""", null, true)]
    [InlineData("""{"gypfile":false}""", "binding.gyp", false)]
    [InlineData("""{"scripts":{"test":"x"}}""", null, false)]
    public async Task What_runs_on_installing_is_said_in_both_forms(string manifest, string? file, bool expected)
    {
        var name = PackageSystem.NewName();
        var packageJson = JsonNode.Parse(manifest)!.AsObject();
        (packageJson["name"], packageJson["version"]) = (name, "1.0.0");
        packageJson["libc"] = new JsonArray("musl");
        var body = PublishBody.Npm(name, tarball: Tarball.Of(packageJson, file is null ? [] : [(file, "{}")]));
        using var published = await system.Npm(await system.NewUserAsync()).PutAsJsonAsync($"/{name}", body);

        var versions = new[] { await ReadAsync($"/{name}"), await ReadAsync($"/{name}", Abbreviated) }.Select(document => document["versions"]!["1.0.0"]!).ToList();

        published.StatusCode.ShouldBe(HttpStatusCode.Created);
        versions.ShouldAllBe(version => (version["hasInstallScript"] != null) == expected);
        versions.ShouldAllBe(version => version["libc"]![0]!.GetValue<string>() == "musl");
    }

    [Fact]
    public async Task What_clients_leave_in_a_manifest_by_mistake_is_not_published()
    {
        var name = PackageSystem.NewName();
        var body = PublishBody.Npm(name, change: document =>
        {
            foreach (var member in new[] { "_integrity", "_resolved", "_from", "_args", "_where", "_id" })
            {
                document["versions"]!["1.0.0"]![member] = "/home/somebody";
            }

            document["versions"]!["1.0.0"]!["custom"] = "kept";
        });
        using var published = await system.Npm(await system.NewUserAsync()).PutAsJsonAsync($"/{name}", body);

        var version = (await ReadAsync($"/{name}"))["versions"]!["1.0.0"]!.AsObject();

        version.Where(m => m.Key.StartsWith('_')).Select(m => m.Key).ShouldBe(["_id", "_hasShrinkwrap", "_npmUser"], ignoreOrder: true);
        (Text(version, "custom"), version.ToJsonString().Contains("/home/", StringComparison.Ordinal)).ShouldBe(("kept", false));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Versions_from_before_fragments_are_completed_once_and_read_the_same_afterwards(bool byReading)
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        await system.PublishedAsync(user, name);
        await system.PublishedAsync(user, name, "1.1.0");
        var before = await ReadAsync($"/{name}/1.1.0");
        await UseAsync(db => db.Database.ExecuteSqlAsync($"""
            UPDATE versions SET layout = NULL, full_head = NULL, abbreviated_head = NULL, dist = NULL, signature = NULL, signature_key_id = NULL
            WHERE package_id = (SELECT id FROM packages WHERE name = {name})
            """));

        if (!byReading)
        {
            await Task.WhenAll(CompleteAllAsync(), CompleteAllAsync());
        }

        var documents = await Task.WhenAll(ReadAsync($"/{name}"), ReadAsync($"/{name}", Abbreviated), ReadAsync($"/{name}", ("Accept-Encoding", "identity")));
        var single = await ReadAsync($"/{name}/1.1.0");

        documents.Append(single).Select(document => (document["versions"]?["1.1.0"] ?? document)["dist"]!["signatures"]!.ToJsonString()).Distinct().Count().ShouldBe(1);
        single["dist"]!["signatures"]!.ToJsonString().ShouldNotBe(before["dist"]!["signatures"]!.ToJsonString());
        (single["dist"]!["signatures"], before["dist"]!["signatures"]) = (null, null);
        JsonNode.DeepEquals(single, before).ShouldBeTrue();
    }

    [Fact]
    public async Task A_readme_from_before_stays_with_the_version_that_was_published_with_it()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var db = new PackageDbContext(new DbContextOptionsBuilder<PackageDbContext>().UseNpgsql(database.ConnectionString).Options);
        await db.GetService<IMigrator>().MigrateAsync("20261122065636_UpstreamPackumentNames");
        await db.Database.ExecuteSqlRawAsync(
            """
            INSERT INTO packages (repository_id, name, folded_name, visibility, created_at, modified_at, revision, readme, readme_filename)
            VALUES (1, 'published', 'published', 'public', now(), now(), 1, '# Hello', 'README.md'), (1, 'moved', 'moved', 'public', now(), now(), 2, '# Of 2', NULL);
            INSERT INTO versions (package_id, version, sort_key, manifest, digest, size_bytes, integrity, shasum, file_count, unpacked_size_bytes, published_at, publisher_id, publisher_name)
            SELECT p.id, v, v, '{{}}', 'd', 1, 'i', 's', 1, 1, now(), 'u', 'u' FROM packages p, unnest(ARRAY['1.0.0', '2.0.0']) v;
            INSERT INTO dist_tags (package_id, tag, version, moved_by_hand)
            SELECT id, 'latest', CASE name WHEN 'moved' THEN '1.0.0' ELSE '2.0.0' END, name = 'moved' FROM packages
            """);

        await db.Database.MigrateAsync();

        var readme = await db.Readmes.Select(r => new { r.Text, r.Filename, r.Version!.Version }).SingleAsync();
        (readme.Text, readme.Filename, readme.Version).ShouldBe(("# Hello", "README.md", "2.0.0"));
    }

    private static string Text(JsonNode node, string member) => node[member]!.GetValue<string>();

    private async Task CompleteAllAsync()
    {
        var completion = system.Packages.Services.GetRequiredService<CompleteVersions>();
        while (await completion.NextAsync(CancellationToken.None))
        {
        }
    }

    private async Task UseAsync(Func<PackageDbContext, Task> use)
    {
        await using var scope = system.Packages.Services.CreateAsyncScope();
        await use(scope.ServiceProvider.GetRequiredService<PackageDbContext>());
    }

    private async Task<JsonObject> ReadAsync(string path, params (string, string?)[] headers)
    {
        using var response = await system.GetNpmAsync(path, headers);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!;
    }
}
