using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests.Clients;

/// <summary>The majors of yarn after its first, with a configuration, a vocabulary and a linker of their own.</summary>
public sealed class BerryUnderTest : ClientUnderTest
{
    private string? _token;

    /// <inheritdoc cref="ClientUnderTest(PinnedClient, string, string)"/>
    public BerryUnderTest(PinnedClient client, string program, string registry) : base(client, program, registry)
    {
        Set("YARN_NPM_REGISTRY_SERVER", registry.TrimEnd('/'));
        Set("YARN_UNSAFE_HTTP_WHITELIST", "127.0.0.1");
        Set("YARN_NODE_LINKER", "node-modules");
        Set("YARN_ENABLE_TELEMETRY", "0");
        Set("YARN_ENABLE_GLOBAL_CACHE", "0");
        Set("YARN_ENABLE_PROGRESS_BARS", "0");
        Set("YARN_ENABLE_IMMUTABLE_INSTALLS", "0");
        Set("YARN_NPM_MINIMAL_AGE_GATE", "0");
    }

    /// <inheritdoc/>
    public override string? Token => _token ?? TokenIn(InHome(".yarnrc.yml"));

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, string[]> Words { get; } = new Dictionary<string, string[]>
    {
        ["publish"] = ["npm", "publish"],
        ["whoami"] = ["npm", "whoami"],
        ["logout"] = ["npm", "logout"],
        ["ci"] = ["install", "--immutable"],
        ["view"] = ["npm", "info"],
        ["audit"] = ["npm", "audit"],
        ["dist-tag add"] = ["npm", "tag", "add"],
        ["dist-tag ls"] = ["npm", "tag", "list"],
        ["dist-tag rm"] = ["npm", "tag", "remove"],
    };

    /// <inheritdoc/>
    public override void UseToken(string token)
    {
        _token = token;
        Set("YARN_NPM_AUTH_TOKEN", token);
    }

    /// <inheritdoc/>
    public override Task<CommandResult> LogInAsync(string user, string password) =>
        SayOnTerminalAsync(NewProject(), ["npm", "login"], new("Username:", user), new("Password:", password));

    /// <inheritdoc/>
    public override Task<CommandResult> LogInOnPageAsync(string user, string password) =>
        SayOnTerminalAsync(NewProject(), ["npm", "login", "--web-login"], new("open your browser now", "n"), Browser.LogIn(user, password));

    /// <summary>It publishes only what its lock file knows, even where nothing is needed.</summary>
    public override async Task<CommandResult> PublishAsync(string directory, params string[] options)
    {
        (await SayAsync(directory, "install")).ShouldSucceed();
        return await base.PublishAsync(directory, options);
    }

    /// <inheritdoc/>
    public override async Task<CommandResult> PublishOnTerminalAsync(string directory, params Reply[] dialogue)
    {
        (await SayAsync(directory, "install")).ShouldSucceed();
        return await base.PublishOnTerminalAsync(directory, dialogue);
    }

    /// <inheritdoc/>
    public override Task<CommandResult> ViewAsync(string directory, string package, string field) =>
        SayAsync(directory, "view", package, "--fields", field, "--json");

    /// <inheritdoc/>
    public override string NewPackage(string name, string version) => AsProject(base.NewPackage(name, version));

    /// <inheritdoc/>
    public override string NewProject() => AsProject(base.NewProject());

    // A lock file, even an empty one, says where a project begins.
    private static string AsProject(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "yarn.lock"), "");
        return folder;
    }

    /// <inheritdoc/>
    public override Reply SecondFactor(string code) => new("One-time password", code);
}
