using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests.Clients;

/// <summary>What a client publishes, and takes back.</summary>
[Trait("Category", "clients")]
public sealed class PublishingTests(RegistryFixture fixture)
{
    [Theory]
    [MemberData(nameof(Matrix.Clients), "publish-unscoped", MemberType = typeof(Matrix))]
    public Task Publishes_an_unscoped_package_once(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "publish-unscoped", async (client, account) =>
        {
            var package = client.NewPackage(account.Name, "1.0.0");
            (await client.PublishAsync(package)).ShouldSucceed();
            var again = (await client.PublishAsync(package)).ShouldFail();

            again.Everything.ShouldContain("1.0.0");
            var packument = (await account.PackumentAsync(account.Name))!;
            packument["dist-tags"]!.ToJsonString().ShouldBe("""{"latest":"1.0.0"}""");
            packument["readme"]!.GetValue<string>().ShouldContain("Made for a test.");
        });

    [Theory]
    [MemberData(nameof(Matrix.Clients), "publish-scoped", MemberType = typeof(Matrix))]
    public Task Publishes_a_scoped_package_for_all(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "publish-scoped", async (client, account) =>
        {
            var name = $"@{account.Name}/open";
            (await client.PublishAsync(client.NewPackage(name, "1.0.0"), "--access", "public")).ShouldSucceed();

            using var stranger = await account.AnotherAsync("stranger");
            (await stranger.PackumentAsync(name)).ShouldNotBeNull();
        });

    [Theory]
    [MemberData(nameof(Matrix.Clients), "publish-restricted", MemberType = typeof(Matrix))]
    public Task Publishes_a_restricted_package(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "publish-restricted", async (client, account) =>
        {
            var name = $"@{account.Name}/closed";
            var package = client.NewPackage(name, "1.0.0");
            (await client.PublishAsync(package, "--access", "restricted")).ShouldSucceed();
            var project = client.NewProject();
            (await client.AddAsync(project, name)).ShouldSucceed();

            PackageFiles.ShouldBeInstalled(package, Path.Combine(project, "node_modules", name));
            using var stranger = await account.AnotherAsync("stranger");
            (await stranger.PackumentAsync(name)).ShouldBeNull();
        });

    [Theory]
    [MemberData(nameof(Matrix.Clients), "publish-tagged", MemberType = typeof(Matrix))]
    public Task Publishes_under_a_tag(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "publish-tagged", async (client, account) =>
        {
            await account.PublishAsync(account.Name, "1.0.0");
            (await client.PublishAsync(client.NewPackage(account.Name, "2.0.0-beta.1"), "--tag", "next")).ShouldSucceed();
            var project = client.NewProject();
            (await client.AddAsync(project, $"{account.Name}@next")).ShouldSucceed();

            (await account.GetAsync($"-/package/{account.Name}/dist-tags")).ToJsonString().ShouldBe("""{"latest":"1.0.0","next":"2.0.0-beta.1"}""");
            File.ReadAllText(Path.Combine(project, "node_modules", account.Name, "package.json")).ShouldContain("2.0.0-beta.1");
        });

    [Theory]
    [MemberData(nameof(Matrix.Clients), "dist-tag", MemberType = typeof(Matrix))]
    public Task Moves_dist_tags(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "dist-tag", async (client, account) =>
        {
            await account.PublishAsync(account.Name, "1.0.0");
            await account.PublishAsync(account.Name, "1.1.0");
            var project = client.NewProject();
            (await client.SayAsync(project, "dist-tag", "add", $"{account.Name}@1.0.0", "stable")).ShouldSucceed();
            var listed = (await client.SayAsync(project, "dist-tag", "ls", account.Name)).ShouldSucceed().Output;
            (await client.SayAsync(project, "dist-tag", "rm", account.Name, "stable")).ShouldSucceed();

            listed.ShouldMatch("stable(: | → )1.0.0");
            listed.ShouldMatch("latest(: | → )1.1.0");
            (await account.GetAsync($"-/package/{account.Name}/dist-tags")).ToJsonString().ShouldBe("""{"latest":"1.1.0"}""");
        });

    [Theory]
    [MemberData(nameof(Matrix.Clients), "unpublish-package", MemberType = typeof(Matrix))]
    public Task Unpublishes_a_package(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "unpublish-package", async (client, account) =>
        {
            await account.PublishAsync(account.Name, "1.0.0");
            await account.PublishAsync(account.Name, "1.1.0");
            (await client.SayAsync(client.NewProject(), "unpublish", account.Name, "--force")).ShouldSucceed();

            (await account.PackumentAsync(account.Name)).ShouldBeNull();
            (await client.PublishAsync(client.NewPackage(account.Name, "1.0.0"))).ShouldFail();
        });

    [Theory]
    [MemberData(nameof(Matrix.Clients), "unpublish-version", MemberType = typeof(Matrix))]
    public Task Unpublishes_one_version(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "unpublish-version", async (client, account) =>
        {
            var name = $"@{account.Name}/shrinking";
            await account.PublishAsync(name, "1.0.0");
            await account.PublishAsync(name, "1.1.0");
            (await client.SayAsync(client.NewProject(), "unpublish", $"{name}@1.1.0", "--force")).ShouldSucceed();

            var packument = (await account.PackumentAsync(name))!;
            packument["versions"]!.AsObject().Select(static version => version.Key).ShouldBe(["1.0.0"]);
            packument["dist-tags"]!.ToJsonString().ShouldBe("""{"latest":"1.0.0"}""");
            (await client.PublishAsync(client.NewPackage(name, "1.1.0"))).ShouldFail();
        });

    [Theory]
    [MemberData(nameof(Matrix.Clients), "deprecate", MemberType = typeof(Matrix))]
    public Task Deprecates_a_version_and_takes_it_back(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "deprecate", async (client, account) =>
        {
            await account.PublishAsync(account.Name, "1.0.0");
            await account.PublishAsync(account.Name, "1.1.0");
            var project = client.NewProject();
            (await client.SayAsync(project, "deprecate", $"{account.Name}@1.0.0", "use 1.1.0")).ShouldSucceed();
            var deprecated = (await account.PackumentAsync(account.Name))!["versions"]!;
            (await client.UndeprecateAsync(project, $"{account.Name}@1.0.0")).ShouldSucceed();

            deprecated["1.0.0"]!["deprecated"]!.GetValue<string>().ShouldBe("use 1.1.0");
            deprecated["1.1.0"]!["deprecated"].ShouldBeNull();
            (await account.PackumentAsync(account.Name))!["versions"]!["1.0.0"]!["deprecated"].ShouldBeNull();
        });
}
