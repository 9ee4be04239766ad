using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests.Clients;

/// <summary>npm, whose words the tests use.</summary>
public sealed class NpmUnderTest : ClientUnderTest
{
    /// <inheritdoc cref="ClientUnderTest(PinnedClient, string, string)"/>
    public NpmUnderTest(PinnedClient client, string program, string registry) : base(client, program, registry) =>
        Set("npm_config_loglevel", "http"); // each request with the status of its answer

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, string[]> Words => Client.Major < 9 ? Older : Newer;

    private static Dictionary<string, string[]> Older { get; } = new()
    {
        ["add"] = ["install"],
        ["access collaborators"] = ["access", "ls-collaborators"],
        ["access packages"] = ["access", "ls-packages"],
    };

    private static Dictionary<string, string[]> Newer { get; } = new()
    {
        ["add"] = ["install"],
        ["access public"] = ["access", "set", "status=public"],
        ["access restricted"] = ["access", "set", "status=private"],
        ["access collaborators"] = ["access", "list", "collaborators"],
        ["access packages"] = ["access", "list", "packages"],
    };

    /// <inheritdoc/>
    public override Task<CommandResult> LogInAsync(string user, string password) =>
        SayOnTerminalAsync(
            NewProject(), ["login", "--auth-type=legacy"], new("Username:", user), new("Password:", password), new("Email:", $"{user}@example.test"));

    /// <inheritdoc/>
    public override Task<CommandResult> LogInOnPageAsync(string user, string password) =>
        SayOnTerminalAsync(NewProject(), ["login"], Browser.LogIn(user, password));

    /// <inheritdoc/>
    public override Reply SecondFactor(string code) => Client.Major < 9 ? new("Enter OTP:", code) : base.SecondFactor(code);
}
