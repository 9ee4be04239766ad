using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests.Clients;

/// <summary>Whose a package is, and who likes it: owners, access, organisations, teams, stars.</summary>
[Trait("Category", "clients")]
public sealed class OwnershipTests(RegistryFixture fixture)
{
    [Theory]
    [MemberData(nameof(Matrix.Clients), "owner", MemberType = typeof(Matrix))]
    public Task Adds_and_removes_an_owner(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "owner", async (client, account) =>
        {
            using var other = await account.AnotherAsync("other");
            await account.PublishAsync(account.Name, "1.0.0");
            var project = client.NewProject();
            (await client.OwnerAsync(project, "add", other.Name, account.Name)).ShouldSucceed();
            var both = (await client.SayAsync(project, "owner", "ls", account.Name)).ShouldSucceed().Output;
            await other.PublishAsync(account.Name, "1.1.0");
            (await client.OwnerAsync(project, "rm", other.Name, account.Name)).ShouldSucceed();

            both.ShouldContain(other.Name);
            (await account.PackumentAsync(account.Name))!["maintainers"]!.AsArray().Select(static one => one!["name"]!.GetValue<string>()).ShouldBe([account.Name]);
        });

    [Theory]
    [MemberData(nameof(Matrix.Clients), "access", MemberType = typeof(Matrix))]
    public Task Opens_and_closes_a_package(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "access", async (client, account) =>
        {
            using var stranger = await account.AnotherAsync("stranger");
            var name = $"@{account.Name}/guarded";
            await account.PublishAsync(name, "1.0.0", "restricted");
            var project = client.NewProject();
            (await client.SayAsync(project, "access", "public", name)).ShouldSucceed();
            (await stranger.PackumentAsync(name)).ShouldNotBeNull();
            (await client.SayAsync(project, "access", "restricted", name)).ShouldSucceed();
            (await stranger.PackumentAsync(name)).ShouldBeNull();

            (await client.SayAsync(project, "access", "collaborators", name)).ShouldSucceed().Output.ShouldContain(account.Name);
            (await client.SayAsync(project, "access", "packages", account.Name)).ShouldSucceed().Output.ShouldContain(name);
        });

    [Theory]
    [MemberData(nameof(Matrix.Clients), "org", MemberType = typeof(Matrix))]
    public Task Sets_members_of_an_organisation(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "org", async (client, account) =>
        {
            using var other = await account.AnotherAsync("other");
            await account.PublishAsync($"@{account.Name}/first", "1.0.0"); // the scope is the account's own from now on
            var project = client.NewProject();
            (await client.SayAsync(project, "org", "set", account.Name, other.Name, "developer")).ShouldSucceed();
            (await client.SayAsync(project, "org", "ls", account.Name)).ShouldSucceed().Output.ShouldContain(other.Name);
            (await client.SayAsync(project, "org", "rm", account.Name, other.Name)).ShouldSucceed();

            (await client.SayAsync(project, "org", "ls", account.Name)).ShouldSucceed().Output.ShouldNotContain(other.Name);
        });

    [Theory]
    [MemberData(nameof(Matrix.Clients), "team", MemberType = typeof(Matrix))]
    public Task Makes_a_team_and_lets_it_read(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "team", async (client, account) =>
        {
            using var other = await account.AnotherAsync("other");
            var (name, team) = ($"@{account.Name}/shared", $"@{account.Name}:readers");
            await account.PublishAsync(name, "1.0.0", "restricted");
            await account.MakeOrganisationAsync(account.Name, other.Name);
            var project = client.NewProject();
            (await client.SayAsync(project, "team", "create", team)).ShouldSucceed();
            (await client.SayAsync(project, "team", "add", team, other.Name)).ShouldSucceed();
            (await client.SayAsync(project, "team", "ls", $"@{account.Name}")).ShouldSucceed().Output.ShouldContain("readers");
            (await client.SayAsync(project, "team", "ls", team)).ShouldSucceed().Output.ShouldContain(other.Name);
            (await client.SayAsync(project, "access", "grant", "read-only", team, name)).ShouldSucceed();
            (await other.PackumentAsync(name)).ShouldNotBeNull();
            (await client.SayAsync(project, "access", "revoke", team, name)).ShouldSucceed();
            (await client.SayAsync(project, "team", "rm", team, other.Name)).ShouldSucceed();
            (await client.SayAsync(project, "team", "destroy", team)).ShouldSucceed();

            (await client.SayAsync(project, "team", "ls", $"@{account.Name}")).ShouldSucceed().Output.ShouldNotContain("readers");
        });

    [Theory]
    [MemberData(nameof(Matrix.Clients), "star", MemberType = typeof(Matrix))]
    public Task Stars_a_package_of_somebody_else(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "star", async (client, account) =>
        {
            using var other = await account.AnotherAsync("other");
            await other.PublishAsync(other.Name, "1.0.0");
            var project = client.NewProject();
            (await client.SayAsync(project, "star", other.Name)).ShouldSucceed();
            (await client.SayAsync(project, "stars")).ShouldSucceed().Output.ShouldContain(other.Name);
            (await account.PackumentAsync(other.Name))!["users"]![account.Name]!.GetValue<bool>().ShouldBeTrue();
            (await client.SayAsync(project, "unstar", other.Name)).ShouldSucceed();

            (await account.PackumentAsync(other.Name))!["users"]?[account.Name].ShouldBeNull();
        });
}
