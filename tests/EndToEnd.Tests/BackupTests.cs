using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Registry.EndToEnd.Tests.Running;
using Registry.Testing;

namespace Registry.EndToEnd.Tests;

/// <summary>A back-up, everything deleted, and restored: all is there, byte for byte.</summary>
[Collection(nameof(OwnRegistries))]
public sealed class BackupTests(RegistryFixture fixture)
{
    [Fact]
    [Trait("Profile", "one")]
    public async Task What_was_backed_up_is_there_after_everything_was_lost()
    {
        await using var registry = await RegistryProcess.StartAsync();
        using var npm = new NpmClient($"{registry.Npm}/");
        (await npm.LoginAsync("keeper", "correct horse battery")).ShouldSucceed();
        (await npm.RunAsync(npm.NewPackage("kept", "1.0.0"), "publish")).ShouldSucceed();
        (await npm.RunAsync(npm.NewPackage("@keeper/kept", "2.0.0"), "publish")).ShouldSucceed();
        (await npm.RunAsync(npm.NewProject(), "dist-tag", "add", "kept@1.0.0", "stable")).ShouldSucceed();
        using var client = RegistryFixture.HttpFor(npm);
        var before = (await IntegrityAsync(client, registry, "kept"), await IntegrityAsync(client, registry, "@keeper/kept"));
        var backup = Path.Combine(Directory.CreateTempSubdirectory("registry-backup-").FullName, "backup");

        (await registry.RunAsync("backup", backup)).ShouldSucceed();
        (await registry.RunAsync("restore", backup)).ShouldFail().Everything.ShouldContain("already running");
        (await npm.RunAsync(npm.NewPackage("lost", "1.0.0"), "publish")).ShouldSucceed();
        await registry.StopAsync();
        registry.DeleteData();
        (await registry.RunAsync("restore", backup, "--replace-index")).ShouldSucceed();
        await registry.StartAsync();

        npm.ForgetCache();
        (await npm.RunAsync(npm.NewProject(), "whoami")).ShouldSucceed().Output.Trim().ShouldBe("keeper");
        (await npm.RunAsync(npm.NewProject(), "install", "kept@stable", "@keeper/kept")).ShouldSucceed();
        (await IntegrityAsync(client, registry, "kept"), await IntegrityAsync(client, registry, "@keeper/kept")).ShouldBe(before);
        (await npm.RunAsync(npm.NewProject(), "view", "lost")).ShouldFail();
        await Eventually.ShouldHoldAsync(
            async () => (await npm.RunAsync(npm.NewProject(), "search", "kept", "--json")).Output.Contains("\"kept\"", StringComparison.Ordinal), "search finds what was restored");
        (await npm.RunAsync(npm.NewPackage("kept", "1.0.1"), "publish")).ShouldSucceed();
    }

    [Fact]
    [Trait("Profile", "one")]
    public async Task A_damaged_or_unfinished_backup_is_refused()
    {
        await using var empty = await RegistryProcess.CreateAsync();
        var backup = Path.Combine(Directory.CreateTempSubdirectory("registry-backup-").FullName, "backup");
        (await fixture.Registry.RunAsync("backup", backup, "--without-blobs")).ShouldSucceed();

        await File.AppendAllTextAsync(Path.Combine(backup, "auth", "accounts.copy"), "x");
        (await empty.RunAsync("restore", backup)).ShouldFail().Everything.ShouldContain("damaged");
        File.Delete(Path.Combine(backup, "manifest.json"));
        (await empty.RunAsync("restore", backup)).ShouldFail().Everything.ShouldContain("no whole back-up");
    }

    private static async Task<string> IntegrityAsync(HttpClient client, RegistryProcess registry, string package)
    {
        var packument = await client.GetFromJsonAsync<JsonObject>($"{registry.Npm}/{package}");
        return string.Join(' ', packument!["versions"]!.AsObject().Select(version => version.Value!["dist"]!["integrity"]!.GetValue<string>()));
    }
}
