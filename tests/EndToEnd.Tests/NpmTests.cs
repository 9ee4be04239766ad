using System.Text.Json.Nodes;

using Registry.EndToEnd.Tests.Running;
using Registry.Testing;

namespace Registry.EndToEnd.Tests;

/// <summary>What a user types, with the real npm, through the Gateway.</summary>
public sealed class NpmTests(RegistryFixture fixture)
{
    [Theory]
    [InlineData("plain-package")]
    [InlineData("@npm-tests/scoped-package")]
    public async Task A_published_package_installs_with_the_same_files(string name)
    {
        using var npm = await fixture.SignedUpAsync($"installer-{name.Length}");
        var package = npm.NewPackage(name, "1.0.0");

        (await npm.RunAsync(package, "publish")).ShouldSucceed();
        var view = (await npm.RunAsync(package, "view", name, "--json")).ShouldSucceed();
        var project = npm.NewProject();
        (await npm.RunAsync(project, "install", name)).ShouldSucceed();

        JsonNode.Parse(view.Output)!["version"]!.GetValue<string>().ShouldBe("1.0.0");
        FilesOf(Path.Combine(project, "node_modules", name)).ShouldBe(FilesOf(package));
    }

    [Fact]
    public async Task A_second_log_in_takes_the_password_and_refuses_another()
    {
        using var first = await fixture.SignedUpAsync("returning");
        using var second = new NpmClient($"{fixture.Registry.Npm}/");

        (await second.LoginAsync("returning", "not the password")).ShouldFail();
        (await second.LoginAsync("returning", "correct horse battery")).ShouldSucceed();

        (await second.RunAsync(second.NewProject(), "whoami")).ShouldSucceed().Output.Trim().ShouldBe("returning");
        second.Token.ShouldNotBe(first.Token);
    }

    [Fact]
    public async Task A_logged_out_token_is_refused_at_once()
    {
        using var npm = await fixture.SignedUpAsync("leaver");
        var token = npm.Token!;
        var project = npm.NewProject();
        (await npm.RunAsync(project, "whoami")).ShouldSucceed();

        (await npm.RunAsync(project, "logout")).ShouldSucceed();
        npm.UseToken(token);

        (await npm.RunAsync(project, "whoami")).ShouldFail().Everything.ShouldContain("E401");
    }

    [Fact]
    public async Task Dist_tags_are_set_listed_and_removed()
    {
        using var npm = await fixture.SignedUpAsync("tagger");
        foreach (var version in (string[])["1.0.0", "2.0.0-beta.1"])
        {
            var tag = version.Contains('-', StringComparison.Ordinal) ? "next" : "latest";
            (await npm.RunAsync(npm.NewPackage("tagged", version), "publish", "--tag", tag)).ShouldSucceed();
        }

        var project = npm.NewProject();
        (await npm.RunAsync(project, "dist-tag", "add", "tagged@1.0.0", "stable")).ShouldSucceed();
        (await npm.RunAsync(project, "dist-tag", "ls", "tagged")).ShouldSucceed().Output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => line.Contains(':', StringComparison.Ordinal))
            .ShouldBe(["latest: 1.0.0", "next: 2.0.0-beta.1", "stable: 1.0.0"], ignoreOrder: true);
        (await npm.RunAsync(project, "dist-tag", "rm", "tagged", "stable")).ShouldSucceed();
        (await npm.RunAsync(project, "dist-tag", "rm", "tagged", "latest")).ShouldFail();
        (await npm.RunAsync(project, "install", "tagged@next")).ShouldSucceed();
    }

    [Fact]
    public async Task A_published_package_is_searchable_soon()
    {
        using var npm = await fixture.SignedUpAsync("searcher");
        (await npm.RunAsync(npm.NewPackage("findable-quokka", "1.0.0"), "publish")).ShouldSucceed();

        await Eventually.ShouldHoldAsync(async () => (await npm.RunAsync(npm.NewProject(), "search", "quokka", "--json")).Output.Contains("findable-quokka", StringComparison.Ordinal), "search finds the package", withinSeconds: 20);
    }

    [Fact]
    public async Task An_unpublished_package_is_gone_and_its_version_stays_taken()
    {
        using var npm = await fixture.SignedUpAsync("remover");
        var package = npm.NewPackage("short-lived", "1.0.0");
        (await npm.RunAsync(package, "publish")).ShouldSucceed();

        (await npm.RunAsync(package, "unpublish", "short-lived", "--force")).ShouldSucceed();
        npm.ForgetCache();

        (await npm.RunAsync(package, "view", "short-lived")).ShouldFail().Everything.ShouldContain("E404");
        (await npm.RunAsync(package, "publish")).ShouldFail().Everything
            .ShouldContain("cannot publish over the previously published versions");
    }

    [Fact]
    public async Task Access_said_at_a_later_publish_is_applied()
    {
        using var npm = await fixture.SignedUpAsync("discloser");
        using var stranger = new NpmClient($"{fixture.Registry.Npm}/");
        (await npm.RunAsync(npm.NewPackage("@discloser/api", "1.0.0"), "publish")).ShouldSucceed();
        (await stranger.RunAsync(stranger.NewProject(), "view", "@discloser/api")).ShouldFail().Everything.ShouldContain("E404");

        (await npm.RunAsync(npm.NewPackage("@discloser/api", "1.0.1"), "publish", "--access", "public")).ShouldSucceed();
        (await stranger.RunAsync(stranger.NewProject(), "view", "@discloser/api", "version")).ShouldSucceed();
        (await npm.RunAsync(npm.NewPackage("@discloser/api", "1.0.2"), "publish", "--access", "restricted")).ShouldSucceed();

        stranger.ForgetCache();
        (await stranger.RunAsync(stranger.NewProject(), "view", "@discloser/api")).ShouldFail().Everything.ShouldContain("E404");
    }

    [Fact]
    public async Task A_second_mount_serves_the_same_repository_under_a_prefix()
    {
        using var npm = await fixture.SignedUpAsync("prefixed");
        (await npm.RunAsync(npm.NewPackage("under-prefix", "1.0.0"), "publish")).ShouldSucceed();
        using var other = new NpmClient($"{fixture.Registry.Web}/r/main/");

        var project = other.NewProject();
        (await other.RunAsync(project, "install", "under-prefix")).ShouldSucceed();

        File.ReadAllText(Path.Combine(project, "package-lock.json")).ShouldContain($"{fixture.Registry.Web}/r/main/under-prefix/-/under-prefix-1.0.0.tgz");
    }

    private static List<(string Path, string Content)> FilesOf(string directory) =>
        [.. Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
            .Select(path => (Path.GetRelativePath(directory, path), File.ReadAllText(path)))
            .OrderBy(file => file.Item1, StringComparer.Ordinal)];
}
