using System.Collections;

using Registry.Standalone.Hosting;
using Registry.Standalone.Options;

namespace Registry.Standalone.Tests.Options;

public sealed class RegistryOptionsTests
{
    [Fact]
    public void Only_variables_that_name_an_option_are_taken()
    {
        var found = RegistryOptions.FromEnvironment(new Hashtable
        {
            ["Accounts__SignUp"] = "invite",
            ["PORT"] = "5000",
            ["REGISTRY_PORT"] = "9000",
            ["REGISTRY_PUBLIC_URL"] = "https://packages.example.test",
            ["ConnectionStrings__postgres"] = "",
            ["services__auth__http__0"] = "http://127.0.0.1:1",
        });

        found.ShouldBe(
            new Dictionary<string, string?> { ["Accounts:SignUp"] = "invite", ["PORT"] = "9000", ["PUBLICURL"] = "https://packages.example.test" },
            ignoreOrder: true);
    }

    [Fact]
    public async Task The_command_line_wins_over_the_file()
    {
        await using var folder = await TestFolder.CreateAsync();
        await File.WriteAllTextAsync(folder.Folder.Options, """{ "Port": 9000, "Bind": "127.0.0.2" }""", TestContext.Current.CancellationToken);

        var options = RegistryOptions.Load(folder.Folder, new Dictionary<string, string?> { ["Port"] = "9100", ["Bind"] = null });

        Listeners.From(options).Addresses.ShouldBe(
            new Dictionary<string, string> { ["web"] = "http://127.0.0.2:9100", ["npm"] = "http://127.0.0.2:9101", ["loft"] = "http://127.0.0.2:9102" },
            ignoreOrder: true);
    }

    [Theory]
    [InlineData("""{ }""", false)]
    [InlineData("""{ "Bind": "::1" }""", false)]
    [InlineData("""{ "Bind": "localhost", "Accounts": { "Exposed": false } }""", false)]
    [InlineData("""{ "Bind": "*", "Accounts": { "Exposed": false } }""", true)]
    [InlineData("""{ "Accounts": { "Exposed": true } }""", true)]
    [InlineData("""{ "PublicUrl": "https://packages.example.test" }""", true)]
    [InlineData("""{ "Gateway": { "Listeners": { "npm": { "PublicUrl": "https://npm.example.test" } } } }""", true)]
    [InlineData("""{ "Gateway": { "Listeners": { "npm": { "Address": "http://127.0.0.1:3000;http://*:3001" } } } }""", true)]
    public async Task A_registry_others_can_reach_counts_as_exposed_whatever_is_said(string text, bool exposed)
    {
        await using var folder = await TestFolder.CreateAsync();
        await File.WriteAllTextAsync(folder.Folder.Options, text, TestContext.Current.CancellationToken);

        RegistryOptions.Load(folder.Folder, new Dictionary<string, string?>()).IsExposed.ShouldBe(exposed);
    }

    [Fact]
    public async Task A_wrong_value_on_the_command_line_is_refused()
    {
        await using var folder = await TestFolder.CreateAsync();

        Should.Throw<RefusedException>(() => RegistryOptions.Load(folder.Folder, new Dictionary<string, string?> { ["Bind"] = "nowhere" }))
            .Message.ShouldContain("Bind, given by the command line, must be an IP address");
    }
}
