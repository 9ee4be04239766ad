using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Registry.EndToEnd.Tests.Running;

/// <summary>The whole registry as a user runs it: the program behind <c>./registry up</c>, with a data directory and ports of its own.</summary>
public sealed class RegistryProcess : IAsyncDisposable
{
    private const string Options = "registry.json";
    private const string Upstreams = "pantry.json";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(180);
    private static int _portsGiven;

    /// <summary>The repository's root.</summary>
    public static string Root { get; } = FindRoot();

    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly int _port;
    private Process? _process;

    private RegistryProcess(string data, int port, IReadOnlyDictionary<string, string> environment)
    {
        Data = data;
        _port = port;
        _environment = environment;
    }

    /// <summary>Its data directory.</summary>
    public string Data { get; }

    /// <summary>URL of the web interface and native API.</summary>
    public string Web => $"http://127.0.0.1:{_port}";

    /// <summary>URL of the npm and pantry listener.</summary>
    public string Npm => $"http://127.0.0.1:{_port + 1}";

    /// <summary>Process ids of the program behind <c>up</c> and of the services, where they have processes of their own.</summary>
    public async Task<IReadOnlyList<int>> ProcessIdsAsync()
    {
        var services = (await StatusAsync())["services"]!.AsObject().Select(service => service.Value!["pid"]?.GetValue<int>()).OfType<int>();
        return [_process!.Id, .. services];
    }

    /// <summary>Starts a registry in an empty data directory and waits until it is healthy.</summary>
    /// <param name="options">Content of <c>registry.json</c>, or null.</param>
    /// <param name="environment">More environment, or null.</param>
    /// <param name="health">What the gateway has to say of itself.</param>
    public static async Task<RegistryProcess> StartAsync(
        JsonObject? options = null, IReadOnlyDictionary<string, string>? environment = null, string health = "ok")
    {
        var registry = await CreateAsync(options, environment);
        await registry.StartAsync(health);
        return registry;
    }

    /// <summary>A registry in an empty data directory, which has not been started.</summary>
    /// <param name="options">Content of <c>registry.json</c>, or null.</param>
    /// <param name="environment">More environment, or null.</param>
    public static async Task<RegistryProcess> CreateAsync(JsonObject? options = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var data = Directory.CreateTempSubdirectory("registry-e2e-").FullName;
        if (!OperatingSystem.IsWindows())
        {
            // As root the servers run as another user, who must be able to reach their folders.
            File.SetUnixFileMode(data, (UnixFileMode)Convert.ToInt32("755", 8));
        }

        // The backing servers are its own, unless a test names others: these tests end them.
        var all = new Dictionary<string, string> { ["ConnectionStrings__postgres"] = "", ["ConnectionStrings__rabbitmq"] = "" };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            all[name] = value;
        }

        // Every test signs up from the same address.
        options ??= [];
        options["Throttle"] = new JsonObject { ["SignUpsPerAddress"] = 100_000 };
        await Profile.ApplyAsync(options, all);
        await File.WriteAllTextAsync(Path.Combine(data, Options), options.ToJsonString());
        await File.WriteAllTextAsync(Path.Combine(data, Upstreams), """{ "registries": [] }"""); // else a start takes this machine's npm registry for one

        return new RegistryProcess(data, FreePorts(), all);
    }

    /// <summary>Starts the program again in the same data directory.</summary>
    public async Task StartAsync(string health = "ok")
    {
        _process = Command.Start("dotnet", [ProgramPath(), "up", "--data", Data, "--port", $"{_port}"], Root, _environment);
        _process.StandardInput.Close();
        var log = Path.Combine(Data, $"test-output-{_process.Id}.log");
        _ = CopyAsync(_process.StandardOutput, log);
        _ = CopyAsync(_process.StandardError, log + ".err");
        await UntilReadyAsync(log);
        await UntilHealthyAsync(health);
    }

    /// <summary>Waits until this very program says so: what one before it left behind may still answer.</summary>
    private async Task UntilReadyAsync(string log)
    {
        var until = Stopwatch.StartNew();
        while (!_process!.HasExited && until.Elapsed < StartLimit && !(File.Exists(log) && (await File.ReadAllTextAsync(log)).Contains("The registry is ready", StringComparison.Ordinal)))
        {
            await Task.Delay(50);
        }
    }

    /// <summary>Waits until the gateway says <c>ok</c>, or what else is expected.</summary>
    public async Task UntilHealthyAsync(string health = "ok")
    {
        using var client = NewClient();
        var until = Stopwatch.StartNew();
        string? last = null;
        while (until.Elapsed < StartLimit)
        {
            if (_process!.HasExited)
            {
                throw new InvalidOperationException($"The registry ended with {_process.ExitCode}:\n{ReadLogs()}");
            }

            try
            {
                last = await client.GetStringAsync($"{Web}/health");
                if (JsonNode.Parse(last)?["status"]?.GetValue<string>() == health)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(100);
        }

        throw new TimeoutException($"The registry was not healthy within {StartLimit}: {last}\n{ReadLogs()}");
    }

    /// <summary>Ends the hosting program as a crash would: SIGKILL, its servers left behind.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Stops it as <c>./registry stop</c> does.</summary>
    public async Task StopAsync()
    {
        (await RunAsync("stop")).ShouldSucceed();
        if (_process is not null)
        {
            await _process.WaitForExitAsync();
        }
    }

    /// <summary>Deletes all it kept but its options. It must not run.</summary>
    public void DeleteData()
    {
        foreach (var folder in Directory.GetDirectories(Data))
        {
            Directory.Delete(folder, recursive: true);
        }

        foreach (var file in Directory.GetFiles(Data).Where(file => Path.GetFileName(file) is not (Options or Upstreams)))
        {
            File.Delete(file);
        }
    }

    /// <summary>Runs a verb of the entry program against this data directory.</summary>
    public Task<CommandResult> RunAsync(params string[] verb) =>
        Command.RunAsync("dotnet", [ProgramPath(), .. verb, "--data", Data], Root, _environment);

    /// <summary>The answer of <c>status --json</c>.</summary>
    public async Task<JsonNode> StatusAsync() => JsonNode.Parse((await RunAsync("status", "--json")).Output)!;

    /// <summary>A plain HTTP client, like curl.</summary>
    public static HttpClient NewClient()
    {
#pragma warning disable RS0030 // tests own their clients
        return new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(60) };
#pragma warning restore RS0030
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await RunAsync("stop");
        _process?.Dispose();
        if (Environment.GetEnvironmentVariable("REGISTRY_TEST_KEEP") is null)
        {
            Directory.Delete(Data, recursive: true);
        }
    }

    private static string ProgramPath()
    {
        var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Debug{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Debug" : "Release";
        return Path.Combine(Root, "Standalone", "bin", configuration, "net10.0", "Registry.Standalone.dll");
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Registry.Services.slnf")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("The repository's root was not found above the tests.");
        }

        return directory.FullName;
    }

    /// <summary>Three neighbouring free ports below the range the system hands out to clients, and those a second Gateway would take; none twice.</summary>
    private static int FreePorts()
    {
        for (var port = NextPort(); port < 31000; port = NextPort())
        {
            if (Enumerable.Range(port, 3).Concat(Enumerable.Range(port + 100, 3)).All(IsFree))
            {
                return port;
            }
        }

        throw new InvalidOperationException("No free ports.");
    }

    private static int NextPort() => 18000 + (Environment.ProcessId % 1000 * 4) + (Interlocked.Increment(ref _portsGiven) * 4);

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task CopyAsync(StreamReader from, string path)
    {
        await using var file = new StreamWriter(path) { AutoFlush = true };
        while (await from.ReadLineAsync() is { } line)
        {
            await file.WriteLineAsync(line);
        }
    }

    private string ReadLogs() =>
        string.Join('\n', Directory.GetFiles(Data, "test-output-*").SelectMany(File.ReadLines).TakeLast(60));
}
