using System.Text;
using System.Text.Json.Nodes;

using Registry.EndToEnd.Tests.Running;
using Registry.Testing;

namespace Registry.EndToEnd.Tests.Clients;

/// <summary>What a client finds, reads and installs.</summary>
[Trait("Category", "clients")]
public sealed class InstallingTests(RegistryFixture fixture)
{
    [Theory]
    [MemberData(nameof(Matrix.Clients), "install", MemberType = typeof(Matrix))]
    public Task Installs_what_was_published_with_what_that_needs(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "install", async (client, account) =>
        {
            var needed = await PublishPairAsync(account);
            var project = client.NewProject();
            (await client.AddAsync(project, account.Name)).ShouldSucceed();

            FindInstalled(project, needed, "1.0.0");
            FindInstalled(project, account.Name, "1.0.0");
        });

    [Theory]
    [MemberData(nameof(Matrix.Clients), "ci", MemberType = typeof(Matrix))]
    public Task Installs_what_a_lock_file_says(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "ci", async (client, account) =>
        {
            var needed = await PublishPairAsync(account);
            var project = client.NewProject();
            (await client.AddAsync(project, account.Name)).ShouldSucceed();
            await account.PublishAsync(account.Name, "1.0.1"); // later than the lock file
            var copy = client.NewProjectLike(project);
            client.ForgetCache();
            (await client.SayAsync(copy, "ci")).ShouldSucceed();

            FindInstalled(copy, account.Name, "1.0.0");
            FindInstalled(copy, needed, "1.0.0");
        });

    [Theory]
    [MemberData(nameof(Matrix.Clients), "view", MemberType = typeof(Matrix))]
    public Task Views_a_package(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "view", async (client, account) =>
        {
            var name = $"@{account.Name}/viewed";
            await account.PublishAsync(name, "1.2.3", "restricted");
            var project = client.NewProject();
            (await client.ViewAsync(project, name, "version")).ShouldSucceed().Output.ShouldContain("1.2.3");
            (await client.ViewAsync(project, $"{account.Name}-absent", "version")).Everything.ShouldMatch("(?i)not found|not in the npm registry|invalid response");
        });

    [Theory]
    [MemberData(nameof(Matrix.Clients), "search", MemberType = typeof(Matrix))]
    public Task Searches(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "search", async (client, account) =>
        {
            await account.PublishAsync($"{account.Name}-findable", "1.0.0");
            var project = client.NewProject();
            await Eventually.ShouldHoldAsync(
                async () => (await client.SayAsync(project, "search", $"{account.Name}-findable")).Output.Contains($"{account.Name}-findable", StringComparison.Ordinal),
                "search finds the package");
        });

    /// <summary>Publishes a package of the account's name that needs a restricted one, whose name it answers.</summary>
    private static async Task<string> PublishPairAsync(Account account)
    {
        var needed = $"@{account.Name}/needed";
        await account.PublishAsync(needed, "1.0.0", "restricted");
        await account.PublishAsync(account.Name, "1.0.0", dependencies: new JsonObject { [needed] = "^1.0.0" });
        return needed;
    }

    /// <summary>Whatever the layout: one folder below <c>node_modules</c> holds the package, with the files that were published.</summary>
    private static void FindInstalled(string project, string name, string version)
    {
        var folder = Directory.EnumerateDirectories(Path.Combine(project, "node_modules"), "lib", SearchOption.AllDirectories)
            .Select(static lib => Path.GetDirectoryName(lib)!)
            .First(path => path.EndsWith(Path.Combine("node_modules", name), StringComparison.Ordinal));
        JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "package.json")))!["version"]!.GetValue<string>().ShouldBe(version);
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Where(path => !Path.GetRelativePath(folder, path).StartsWith("node_modules", StringComparison.Ordinal))
            .Select(path => (Path.GetRelativePath(folder, path), File.ReadAllText(path)))
            .Where(static file => file.Item1 != "package.json")
            .ShouldBe(Account.FilesOf(name, version).Select(static file => (file.Path["package/".Length..], Encoding.UTF8.GetString(file.Content))), ignoreOrder: true);
    }
}
