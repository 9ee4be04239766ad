using System.Text.Json;
using System.Text.Json.Nodes;

namespace Registry.EndToEnd.Tests.Running;

/// <summary>A user at a terminal: the real npm with a home, cache and configuration of its own, and projects to work in.</summary>
public sealed class NpmClient : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("registry-npm-");
    private readonly string _program;
    private int _projects;

    /// <summary>A client of a registry.</summary>
    /// <param name="registry">The registry's URL, with a trailing slash.</param>
    /// <param name="program">The npm to run: the one on the path, or another version's.</param>
    public NpmClient(string registry, string program = "npm")
    {
        Registry = registry;
        _program = program;
        Environment = new Dictionary<string, string>
        {
            ["HOME"] = _home.FullName,
            ["npm_config_cache"] = Path.Combine(_home.FullName, "cache"),
            ["npm_config_userconfig"] = Path.Combine(_home.FullName, ".npmrc"),
            ["npm_config_registry"] = registry,
            ["npm_config_update_notifier"] = "false",
            ["npm_config_fund"] = "false",
            ["npm_config_audit"] = "false",
            ["npm_config_fetch_retry_mintimeout"] = "200",
            ["npm_config_fetch_retry_maxtimeout"] = "2000",
            ["NO_COLOR"] = "1",
            ["TERM"] = "dumb",
        };
    }

    /// <summary>The registry's URL.</summary>
    public string Registry { get; }

    /// <summary>The environment npm runs in.</summary>
    public Dictionary<string, string> Environment { get; }

    /// <summary>The access token npm keeps for this registry; null when it is logged out.</summary>
    public string? Token =>
        File.Exists(Environment["npm_config_userconfig"])
            ? File.ReadLines(Environment["npm_config_userconfig"])
                .Where(line => line.Contains(":_authToken=", StringComparison.Ordinal))
                .Select(line => line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim('"'))
                .FirstOrDefault()
            : null;

    /// <summary>Logs in, or signs up, by answering npm's prompts on a terminal.</summary>
    public async Task<CommandResult> LoginAsync(string user, string password) =>
        await Command.RunOnTerminalAsync(
            $"{_program} login --auth-type=legacy",
            [new("Username:", user), new("Password:", password), new("Email:", $"{user}@example.test")],
            _home.FullName,
            Environment);

    /// <summary>Keeps a token as npm would after a log-in.</summary>
    public void UseToken(string token)
    {
        var key = Registry[Registry.IndexOf("//", StringComparison.Ordinal)..];
        File.WriteAllText(Environment["npm_config_userconfig"], $"{key}:_authToken={token}\n");
    }

    /// <summary>Runs npm in a folder.</summary>
    public Task<CommandResult> RunAsync(string directory, params string[] arguments) =>
        Command.RunAsync(_program, arguments, directory, Environment);

    /// <summary>A new folder holding a package ready to publish.</summary>
    public string NewPackage(string name, string version, Action<JsonObject>? edit = null)
    {
        var directory = NewFolder();
        var manifest = new JsonObject
        {
            ["name"] = name,
            ["version"] = version,
            ["description"] = $"{name} for a test",
            ["main"] = "index.js",
            ["license"] = "MIT",
            ["keywords"] = new JsonArray("registry-test"),
        };
        edit?.Invoke(manifest);
        File.WriteAllText(Path.Combine(directory, "package.json"), manifest.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        File.WriteAllText(Path.Combine(directory, "index.js"), $"module.exports = {JsonSerializer.Serialize($"{name}@{version}")};\n");
        File.WriteAllText(Path.Combine(directory, "README.md"), $"# {name}\n\nMade for a test.\n");
        Directory.CreateDirectory(Path.Combine(directory, "lib"));
        File.WriteAllText(Path.Combine(directory, "lib", "deep.txt"), "deep\n");
        return directory;
    }

    /// <summary>A new folder holding an empty project.</summary>
    public string NewProject()
    {
        var directory = NewFolder();
        File.WriteAllText(Path.Combine(directory, "package.json"), """{"name":"project","version":"1.0.0","private":true}""");
        return directory;
    }

    /// <summary>Forgets what npm has cached, so that the next read goes to the registry.</summary>
    public void ForgetCache()
    {
        if (Directory.Exists(Environment["npm_config_cache"]))
        {
            Directory.Delete(Environment["npm_config_cache"], recursive: true);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _home.Delete(recursive: true);

    private string NewFolder() =>
        Directory.CreateDirectory(Path.Combine(_home.FullName, $"work-{Interlocked.Increment(ref _projects)}")).FullName;
}
