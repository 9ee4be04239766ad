using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;

using Registry.Standalone.Processes;

namespace Registry.Testing.Elasticsearch;

/// <summary>One node of Elasticsearch on loopback, with a data directory of its own, run as an unprivileged user.</summary>
public sealed class ElasticsearchServer : IAsyncDisposable
{
    private const string User = "elastic";
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);
    private static readonly Lock PortsLock = new();
    private static readonly HashSet<int> PortsTaken = [];

    private readonly Distribution _distribution;
    private readonly ServerAccount _account;
    private readonly string _folder;
    private readonly string? _password;
    private readonly TestAuthority? _authority;
    private readonly int _port;
    private ProcessIdentity? _process;

    private ElasticsearchServer(Distribution distribution, ServerAccount account, string folder, string? password, TestAuthority? authority, int port)
    {
        (_distribution, _account, _folder, _password, _authority, _port) = (distribution, account, folder, password, authority, port);
    }

    /// <summary>Its URL, with the user and the password.</summary>
    public string Url => _password is null ? Address : Address.Replace("://", $"://{User}:{_password}@", StringComparison.Ordinal);

    /// <summary>Its URL, without the user and the password.</summary>
    public string Address => _authority is null ? $"http://127.0.0.1:{_port}" : $"https://localhost:{_port}";

    /// <summary>The port of <see cref="Url"/>.</summary>
    public int Port => _port;

    internal static async Task<ElasticsearchServer> StartAsync(string given, string? password, TestAuthority? authority, string[] settings)
    {
        var distribution = await Distribution.PrepareAsync(given);
        var account = await ServerAccount.FindAsync(CancellationToken.None);
        var folder = Directory.CreateTempSubdirectory("registry-test-es.").FullName;
        PrivateFiles.AllowPassage(folder);
        var server = new ElasticsearchServer(distribution, account, folder, password, authority, TakePorts());
        await server.PrepareAsync([.. settings, .. server.TlsSettings()]);
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts it again, with the data it has, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        _process = DetachedProcess.Start(
            new Launch
            {
                // The argument is in the command line of the script and of everything it becomes: by it they are recognised.
                Command = ["/bin/bash", Path.Combine(_distribution.Folder, "bin", "elasticsearch"), $"-Epath.logs={_folder}/logs"],
                Folder = _folder,
                Log = Path.Combine(_folder, "out.log"),
                Mark = _folder,
                Environment = NodeEnvironment(),
                KeepsFileMask = true,
            },
            _account);
        var failed = false;
        await Eventually.ShouldHoldAsync(
            async () => await AnswersAsync() || (failed = !NodeIsAlive()), "Elasticsearch serves", (int)StartLimit.TotalSeconds, Tail);
        if (failed)
        {
            throw new InvalidOperationException($"Elasticsearch ended at once: {Tail()}");
        }
    }

    /// <summary>Ends it as a power cut would.</summary>
    public Task KillAsync() => EndAsync(Signal.Kill);

    /// <summary>Takes its data away; it has to be ended first.</summary>
    public void DeleteData()
    {
        Directory.Delete(Path.Combine(_folder, "data"), recursive: true);
        _account.OwnFolder(Path.Combine(_folder, "data"));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAsync(Signal.Terminate);
        Directory.Delete(_folder, recursive: true);
    }

    private static int TakePorts()
    {
        lock (PortsLock)
        {
            while (true)
            {
                var port = Ports.Choose(PortsTaken);
                if (Ports.IsFree(System.Net.IPAddress.Loopback, port + 1) && PortsTaken.Add(port) && PortsTaken.Add(port + 1) && port + 1 < Ports.Ceiling)
                {
                    return port;
                }
            }
        }
    }

    /// <summary>Settings for https; the files are written with the others.</summary>
    private string[] TlsSettings() =>
        _authority is null
            ? []
            : ["xpack.security.http.ssl.enabled: true", "xpack.security.http.ssl.certificate: http.crt", "xpack.security.http.ssl.key: http.key"];

    private async Task PrepareAsync(string[] settings)
    {
        foreach (var name in (string[])["", "config", "data", "logs", "tmp"])
        {
            _account.OwnFolder(Path.Combine(_folder, name));
        }

        foreach (var name in (string[])["log4j2.properties", "jvm.options"])
        {
            Put(name, await File.ReadAllTextAsync(Path.Combine(_distribution.Folder, "config", name)));
        }

        if (_authority is not null)
        {
            using var certificate = _authority.Issue("localhost");
            Put("http.crt", certificate.ExportCertificatePem());
            Put("http.key", certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        }

        Put("users", "");
        Put("users_roles", "");
        Put("elasticsearch.yml", $"""
            cluster.name: registry-test
            node.name: only
            path.data: {_folder}/data
            network.host: 127.0.0.1
            http.port: {_port}
            transport.port: {_port + 1}
            discovery.type: single-node
            action.auto_create_index: false
            cluster.routing.allocation.disk.threshold_enabled: false
            xpack.security.enrollment.enabled: false
            xpack.security.enabled: {(_password is null ? "false" : "true")}
            {string.Join('\n', settings)}

            """);
        if (_password is not null)
        {
            await SetPasswordAsync();
        }
    }

    private async Task SetPasswordAsync()
    {
        var tool = Path.Combine(_distribution.Folder, "bin", "elasticsearch-keystore");
        string[] command = ["/bin/bash", "-c", "\"$1\" create >/dev/null && printf %s \"$2\" | \"$1\" add -x bootstrap.password", "sh", tool, _password!];
        string[] all = [.. _account.Prefix(), .. command];
        var start = new System.Diagnostics.ProcessStartInfo(all[0], all[1..]) { WorkingDirectory = _folder };
        start.Environment.Clear();
        foreach (var (name, value) in NodeEnvironment())
        {
            start.Environment[name] = value;
        }

        var made = await ProgramRun.RunAsync(start, StartLimit, CancellationToken.None);
        if (made.ExitCode != 0)
        {
            throw new InvalidOperationException($"The password of Elasticsearch could not be set: {made.Output}");
        }
    }

    private void Put(string name, string content)
    {
        var path = Path.Combine(_folder, "config", name);
        PrivateFiles.Write(path, content);
        _account.Own(path);
    }

    private Dictionary<string, string> NodeEnvironment() =>
        new()
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin",
            ["HOME"] = _folder,
            ["LANG"] = "C.UTF-8",
            ["ES_PATH_CONF"] = Path.Combine(_folder, "config"),
            ["ES_JAVA_HOME"] = _distribution.Java,
            ["ES_TMPDIR"] = Path.Combine(_folder, "tmp"),
            ["ES_JAVA_OPTS"] = "-Xms384m -Xmx384m -XX:TieredStopAtLevel=1", // a server that lives for minutes gains nothing from the second compiler
        };

    private async Task<bool> AnswersAsync()
    {
#pragma warning disable RS0030 // tests own their clients
        using var http = new HttpClient(_authority?.NewHandler() ?? new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(3) };
#pragma warning restore RS0030
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Address}/_cluster/health?wait_for_status=yellow&timeout=1s");
        if (_password is not null)
        {
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{_password}")));
        }

        try
        {
            using var response = await http.SendAsync(request);
            return response.IsSuccessStatusCode;
        }
        catch (Exception notYet) when (notYet is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private bool NodeIsAlive() => _process?.IsAlive() == true || Family().Count > 0;

    private string Tail()
    {
        var log = Path.Combine(_folder, "out.log");
        return File.Exists(log) ? string.Join('\n', File.ReadLines(log).TakeLast(20)) : "";
    }

    /// <summary>The start script, and the two Java programs behind it: all name this data directory in their command lines.</summary>
    private List<ProcessIdentity> Family() =>
        [.. ProcessTable.All()
            .Where(pid => ProcessTable.Read(pid) is { } entry && entry.CommandLine.Contains(_folder, StringComparison.Ordinal))
            .Select(pid => ProcessIdentity.Of(pid, _folder))
            .OfType<ProcessIdentity>()];

    private async Task EndAsync(Signal signal)
    {
        foreach (var process in Family())
        {
            process.Send(signal);
        }

        await Eventually.ShouldHoldAsync(
            () => Family().Count == 0, string.Create(CultureInfo.InvariantCulture, $"Elasticsearch on port {_port} ended"), (int)StopLimit.TotalSeconds, Tail);
    }
}
