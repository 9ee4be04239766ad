using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests;

/// <summary>The same path by other package managers and other majors of npm: log in, publish, view, install.</summary>
[Trait("Category", "clients")]
public sealed class ClientMatrixTests(RegistryFixture fixture)
{
    [Theory]
    [InlineData("6")]
    [InlineData("8")]
    [InlineData("10")]
    public async Task Npm_logs_in_publishes_and_installs(string version)
    {
        var program = await ClientCache.ProgramAsync("npm", version);
        using var npm = new NpmClient($"{fixture.Registry.Npm}/", program);
        (await npm.LoginAsync($"npm{version}-user", "correct horse battery")).ShouldSucceed();
        await PublishesAndInstallsAsync(npm, $"by-npm-{version}", ["publish"], ["install"]);
    }

    [Fact]
    [Trait("Smoke", "true")]
    public async Task Pnpm_publishes_and_installs()
    {
        using var pnpm = await WithTokenAsync("pnpm", "9");
        await PublishesAndInstallsAsync(pnpm, "by-pnpm", ["publish", "--no-git-checks"], ["add"]);
    }

    [Fact]
    public async Task Yarn_publishes_and_installs()
    {
        using var yarn = await WithTokenAsync("yarn", "1");
        await PublishesAndInstallsAsync(yarn, "by-yarn", ["publish", "--non-interactive"], ["add"]);
    }

    private static async Task PublishesAndInstallsAsync(NpmClient client, string name, string[] publish, string[] install)
    {
        (await client.RunAsync(client.NewPackage(name, "1.0.0"), publish)).ShouldSucceed();
        var project = client.NewProject();
        (await client.RunAsync(project, [.. install, name])).ShouldSucceed();

        File.ReadAllText(Path.Combine(project, "node_modules", name, "lib", "deep.txt")).ShouldBe("deep\n");
    }

    private async Task<NpmClient> WithTokenAsync(string package, string version)
    {
        using var npm = await fixture.SignedUpAsync($"{package}-user");
        var client = new NpmClient($"{fixture.Registry.Npm}/", await ClientCache.ProgramAsync(package, version));
        client.UseToken(npm.Token!);
        return client;
    }
}
