using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Registry.EndToEnd.Tests.Running;
using Registry.Testing;

namespace Registry.EndToEnd.Tests;

/// <summary>What was acknowledged is there after a stop, a crash, and beside another instance.</summary>
[Collection(nameof(OwnRegistries))]
public sealed class RestartTests(RegistryFixture fixture)
{
    [Fact]
    public async Task Packages_tags_accounts_and_tokens_survive_a_stop_and_a_crash()
    {
        await using var registry = await RegistryProcess.StartAsync();
        using var npm = new NpmClient($"{registry.Npm}/");
        (await npm.LoginAsync("survivor", "correct horse battery")).ShouldSucceed();
        (await npm.RunAsync(npm.NewPackage("survives", "1.0.0"), "publish")).ShouldSucceed();
        (await npm.RunAsync(npm.NewProject(), "dist-tag", "add", "survives@1.0.0", "kept")).ShouldSucceed();

        await registry.StopAsync();
        await registry.StartAsync();
        await EverythingIsThereAsync(registry, npm);

        await registry.KillAsync();
        await registry.StartAsync();
        await EverythingIsThereAsync(registry, npm);
    }

    [Fact]
    [Trait("Profile", "one")] // of the program that starts the others
    public async Task Stop_ends_what_a_crash_left_behind_and_nothing_of_another_instance()
    {
        await using var one = await RegistryProcess.StartAsync();
        var two = fixture.Registry;
        await one.KillAsync();

        await one.StopAsync();

        using var client = RegistryProcess.NewClient();
        (await client.GetAsync($"{two.Npm}/health")).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Should.ThrowAsync<HttpRequestException>(() => client.GetAsync($"{one.Npm}/health"));
        ProcessesUnder(one.Data).ShouldBeEmpty();
        ProcessesUnder(two.Data).ShouldNotBeEmpty();
    }

    [Fact]
    [Trait("Profile", "one")] // of the program that starts the others
    public async Task The_operators_commands_make_accounts_and_tokens()
    {
        await using var registry = await RegistryProcess.StartAsync(new JsonObject { ["Accounts"] = new JsonObject { ["SignUp"] = "closed" } });
        using var stranger = new NpmClient($"{registry.Npm}/");
        (await stranger.LoginAsync("stranger", "correct horse battery")).ShouldFail().Everything.ShouldContain("403");

        (await registry.RunAsync("user", "add", "boss", "--admin")).ShouldSucceed();
        (await registry.RunAsync("user", "list")).ShouldSucceed().Output.ShouldContain("boss");
        var created = (await registry.RunAsync("token", "create", "boss", "--name", "ci", "--read-only")).ShouldSucceed();
        var token = created.Output.Split((char[])[' ', '\n', '"', '│'], StringSplitOptions.RemoveEmptyEntries).First(word => word.StartsWith("reg_", StringComparison.Ordinal)).Trim();
        using var client = RegistryProcess.NewClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        (await client.GetFromJsonAsync<JsonObject>($"{registry.Npm}/-/whoami"))!["username"]!.GetValue<string>().ShouldBe("boss");

        using var refused = await client.PutAsJsonAsync($"{registry.Npm}/read-only", TarballOf.NpmDocument("read-only", "1.0.0", TarballOf.Package("read-only", "1.0.0")));
        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private static async Task EverythingIsThereAsync(RegistryProcess registry, NpmClient npm)
    {
        npm.ForgetCache();
        var project = npm.NewProject();
        (await npm.RunAsync(project, "whoami")).ShouldSucceed().Output.Trim().ShouldBe("survivor");
        (await npm.RunAsync(project, "install", "survives@kept")).ShouldSucceed();
        using var anew = new NpmClient($"{registry.Npm}/");
        (await anew.LoginAsync("survivor", "correct horse battery")).ShouldSucceed();
        await Eventually.ShouldHoldAsync(async () => (await npm.RunAsync(project, "search", "survives", "--json")).Output.Contains("survives", StringComparison.Ordinal), "search finds the package");
    }

    private static IEnumerable<string> ProcessesUnder(string data) =>
        Directory.EnumerateDirectories("/proc")
            .Where(process => int.TryParse(Path.GetFileName(process), out _))
            .Select(CommandLineOf)
            .Where(line => line.Contains(data, StringComparison.Ordinal));

    private static string CommandLineOf(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (IOException)
        {
            return ""; // it has ended meanwhile
        }
    }
}
