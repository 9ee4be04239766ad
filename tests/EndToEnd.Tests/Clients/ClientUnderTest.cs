using System.Text;

using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests.Clients;

/// <summary>
/// One package manager of the matrix at a terminal of its own: empty home, cache and configuration. Tests say what npm says; a family translates.
/// What it ran and what came of it is kept, for the message of a test that fails.
/// </summary>
public abstract class ClientUnderTest : IDisposable
{
    private readonly NpmClient _home;
    private readonly string _program;
    private readonly StringBuilder _transcript = new();

    /// <summary>A client of a registry.</summary>
    protected ClientUnderTest(PinnedClient client, string program, string registry)
    {
        Client = client;
        _program = program;
        _home = new NpmClient(registry, program);
        Set("XDG_CACHE_HOME", InHome("xdg/cache"));
        Set("XDG_CONFIG_HOME", InHome("xdg/config"));
        Set("XDG_DATA_HOME", InHome("xdg/data"));
        Set("XDG_STATE_HOME", InHome("xdg/state"));
        Set("CI", ""); // what runs the tests is none of the client's business
    }

    /// <summary>Which it is.</summary>
    public PinnedClient Client { get; }

    /// <summary>The registry's URL, with a trailing slash.</summary>
    public string Registry => _home.Registry;

    /// <summary>The access token it keeps; null when it is logged out.</summary>
    public virtual string? Token => _home.Token;

    /// <summary>Every command so far with its exit code and output.</summary>
    public string Transcript => _transcript.ToString();

    /// <summary>How this family says a command of npm's, for those that it says differently: <c>dist-tag add</c> before <c>dist-tag</c>.</summary>
    protected virtual IReadOnlyDictionary<string, string[]> Words { get; } = new Dictionary<string, string[]>();

    /// <summary>The client in its own words; installs it first when it is missing.</summary>
    public static async Task<ClientUnderTest> StartAsync(PinnedClient client, string registry)
    {
        var program = await client.ProgramAsync();
        return client.Family switch
        {
            "npm" => new NpmUnderTest(client, program, registry),
            "pnpm" => new PnpmUnderTest(client, program, registry),
            "yarn" => new YarnUnderTest(client, program, registry),
            "berry" => new BerryUnderTest(client, program, registry),
            "bun" => new BunUnderTest(client, program, registry),
            _ => throw new ArgumentException($"{client.Family} is not known.", nameof(client)),
        };
    }

    /// <summary>Keeps a token as the client would after a log-in.</summary>
    public virtual void UseToken(string token) => _home.UseToken(token);

    /// <summary>Logs in by answering prompts for name and password.</summary>
    public virtual Task<CommandResult> LogInAsync(string user, string password) => throw NoSuchCommand();

    /// <summary>Logs in on a page, while the client waits.</summary>
    public virtual Task<CommandResult> LogInOnPageAsync(string user, string password) => throw NoSuchCommand();

    /// <summary>Runs a command as npm spells it: a verb, and what follows.</summary>
    public Task<CommandResult> SayAsync(string directory, params string[] words) => RunAsync(directory, Translate(words));

    /// <summary>The same on a terminal, answering what appears there.</summary>
    public async Task<CommandResult> SayOnTerminalAsync(string directory, string[] words, params Reply[] dialogue)
    {
        var line = string.Join(' ', new[] { _program }.Concat(Translate(words)).Select(static word => $"'{word}'"));
        return Keep(words, await Command.RunOnTerminalAsync(line, dialogue, directory, _home.Environment));
    }

    /// <summary>Publishes the package in a folder.</summary>
    public virtual Task<CommandResult> PublishAsync(string directory, params string[] options) => SayAsync(directory, ["publish", .. options]);

    /// <summary>The same on a terminal, answering what appears there.</summary>
    public virtual Task<CommandResult> PublishOnTerminalAsync(string directory, params Reply[] dialogue) => SayOnTerminalAsync(directory, ["publish"], dialogue);

    /// <summary>How it is given a second factor when it asks for one on a terminal: on a page, unless the family asks right there.</summary>
    public virtual Reply SecondFactor(string code) => Browser.Confirm(code);

    /// <summary>Adds a dependency to a project and installs it.</summary>
    public virtual Task<CommandResult> AddAsync(string project, string what) => SayAsync(project, "add", what);

    /// <summary>A field of a package, as it prints it.</summary>
    public virtual Task<CommandResult> ViewAsync(string directory, string package, string field) => SayAsync(directory, "view", package, field);

    /// <summary>Clears a version's deprecation.</summary>
    public virtual Task<CommandResult> UndeprecateAsync(string directory, string version) => SayAsync(directory, "deprecate", version, "");

    /// <summary>Adds (<c>add</c>) or removes (<c>rm</c>) an owner.</summary>
    public virtual Task<CommandResult> OwnerAsync(string directory, string verb, string user, string package) => SayAsync(directory, "owner", verb, user, package);

    /// <summary>A new folder holding a package ready to publish.</summary>
    public virtual string NewPackage(string name, string version) => _home.NewPackage(name, version);

    /// <summary>A new folder holding an empty project.</summary>
    public virtual string NewProject() => _home.NewProject();

    /// <summary>A new project with the manifest and lock file of another.</summary>
    public string NewProjectLike(string project)
    {
        var copy = NewProject();
        foreach (var file in Directory.GetFiles(project))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)), overwrite: true);
        }

        return copy;
    }

    /// <summary>Forgets what it cached, so that the next read goes to the registry.</summary>
    public virtual void ForgetCache()
    {
        _home.ForgetCache();
        foreach (var folder in (string[])["xdg", ".bun", ".cache", ".local", ".yarn"])
        {
            if (Directory.Exists(InHome(folder)))
            {
                Directory.Delete(InHome(folder), recursive: true);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Deletes its home.</summary>
    protected virtual void Dispose(bool disposing) => _home.Dispose();

    /// <summary>The access token in a file; null when it has none, or is not there.</summary>
    protected static string? TokenIn(string path) =>
        File.Exists(path) && Account.Secret().Match(File.ReadAllText(path)) is { Success: true } found ? found.Value : null;

    /// <summary>Sets a variable of its environment.</summary>
    protected void Set(string variable, string value) => _home.Environment[variable] = value;

    /// <summary>A path in its home.</summary>
    protected string InHome(string path) => Path.Combine(_home.Environment["HOME"], path);

    private NotSupportedException NoSuchCommand() => new($"{Client.Key} has no such command.");

    private async Task<CommandResult> RunAsync(string directory, string[] arguments) =>
        Keep(arguments, await Command.RunAsync(_program, arguments, directory, _home.Environment));

    private CommandResult Keep(string[] words, CommandResult result)
    {
        _transcript.Append('$').Append(' ').Append(Client.Key).Append(' ').AppendJoin(' ', words).AppendLine().AppendLine(result.Everything.Trim());
        return result;
    }

    private string[] Translate(string[] words)
    {
        if (words.Length > 1 && Words.TryGetValue($"{words[0]} {words[1]}", out var pair))
        {
            return [.. pair, .. words[2..]];
        }

        return Words.TryGetValue(words[0], out var verb) ? [.. verb, .. words[1..]] : words;
    }
}
