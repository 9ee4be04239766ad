using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests.Clients;

/// <summary>pnpm: npm's words, most of them its own from its major 11 on.</summary>
public sealed class PnpmUnderTest : ClientUnderTest
{
    /// <inheritdoc cref="ClientUnderTest(PinnedClient, string, string)"/>
    public PnpmUnderTest(PinnedClient client, string program, string registry) : base(client, program, registry)
    {
        // Its major 11 reads variables of its own, and by default installs nothing that is younger than a day.
        Set("pnpm_config_registry", registry);
        Set("pnpm_config_minimum_release_age", "0");
        Set("pnpm_config_update_notifier", "false");
    }

    /// <summary>Its major 11 keeps what it is given at a log-in in a file of its own.</summary>
    public override string? Token => base.Token ?? TokenIn(InHome("xdg/config/pnpm/auth.ini"));

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, string[]> Words { get; } = new Dictionary<string, string[]>
    {
        ["publish"] = ["publish", "--no-git-checks"],
        ["ci"] = ["install", "--frozen-lockfile"],
        ["access status"] = ["access", "get", "status"],
        ["access public"] = ["access", "set", "status=public"],
        ["access restricted"] = ["access", "set", "status=private"],
        ["access collaborators"] = ["access", "list", "collaborators"],
        ["access packages"] = ["access", "list", "packages"],
    };

    /// <inheritdoc/>
    public override Task<CommandResult> UndeprecateAsync(string directory, string version) => SayAsync(directory, "undeprecate", version);

    /// <inheritdoc/>
    public override Task<CommandResult> OwnerAsync(string directory, string verb, string user, string package) => SayAsync(directory, "owner", verb, package, user);

    /// <inheritdoc/>
    public override Task<CommandResult> LogInOnPageAsync(string user, string password) =>
        SayOnTerminalAsync(NewProject(), ["login"], Browser.LogIn(user, password));
}
