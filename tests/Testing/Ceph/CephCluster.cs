using System.Diagnostics;
using System.Net;

using Registry.Standalone.Processes;
using Registry.Standalone.Servers;

namespace Registry.Testing.Ceph;

/// <summary>
/// A real S3 server for the tests: Ceph's gateway over one monitor and one storage daemon, on loopback, in a temporary folder. It keeps
/// one copy of each object and asks for no tickets between its own parts: a store to test against, not one to keep anything in.
/// </summary>
public sealed class CephCluster : IAsyncDisposable
{
    internal const string AccessKey = "registry";
    internal const string SecretKey = "only-for-tests";

    private const string DaemonId = "5f0d7e0c-8e49-4a1b-9d53-7d1a64e4a3b1";
    private const int StartAttempts = 3;
    private static readonly string[] Packages = ["ceph-mon", "ceph-osd", "radosgw"];
    private static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    private readonly CephFolder _folder;
    private readonly ServerAccount _account;
    private readonly List<ProcessIdentity> _processes = [];

    private CephCluster(CephFolder folder, ServerAccount account)
    {
        _folder = folder;
        _account = account;
    }

    /// <summary>Where its S3 is.</summary>
    public int Port => _folder.Port;

    /// <summary>Makes sure that Ceph's programs are here.</summary>
    /// <returns>Null when they are, else the reason why not.</returns>
    internal static async Task<string?> FindProgramsAsync()
    {
        if (HasPrograms())
        {
            return null;
        }

        return AptPrograms.IsPossible && ServerSources.FromEnvironment() == ServerSource.Any
            ? await AptPrograms.InstallAsync(Packages, CancellationToken.None)
            : $"Ceph ({string.Join(", ", Packages)}) is not installed, and only root on Debian or Ubuntu can install it.";
    }

    /// <summary>Starts one, empty, and returns when it stores and gives back.</summary>
    /// <remarks>
    /// Tries some times: a storage daemon that asks the monitor before it has heard the cluster's name ends with 'wrong fsid', and a port may
    /// have been taken since it was chosen.
    /// </remarks>
    internal static async Task<CephCluster> StartAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            var account = await ServerAccount.FindAsync(CancellationToken.None);
            var cluster = new CephCluster(CephFolder.Create(account), account);
            try
            {
                await cluster.StartMonitorAsync();
                await cluster.StartStorageAsync();
                await cluster.StartGatewayAsync();
                return cluster;
            }
            catch (InvalidOperationException) when (attempt < StartAttempts)
            {
                await cluster.DisposeAsync();
            }
            catch
            {
                await cluster.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Runs <c>radosgw-admin</c>.</summary>
    public Task AdministerAsync(params string[] arguments) => RunAsync("radosgw-admin", ["-n", "client.rgw", .. arguments]);

    /// <summary>Ends it, the gateway first, and removes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes))
        {
            process.Send(Signal.Terminate);
            if (!await process.HasEndedWithinAsync(StopLimit))
            {
                process.Send(Signal.Kill);
                await process.HasEndedWithinAsync(StopLimit);
            }
        }

        _folder.Delete();
    }

    private static bool HasPrograms() =>
        new[] { "ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin" }.All(program => ProgramSearch.OnPath(program) is not null);

    private async Task StartMonitorAsync()
    {
        var map = Path.Combine(_folder.Path, "monmap");
        await RunAsync("monmaptool", ["--create", "--fsid", _folder.ClusterId, "--addv", "a", $"[v1:127.0.0.1:{_folder.MonitorPort}]", map]);
        await RunAsync("ceph-mon", ["-i", "a", "--mkfs", "--monmap", map]);
        Start("ceph-mon", "-i", "a", "-f");
    }

    private async Task StartStorageAsync()
    {
        await RunAsync("ceph", ["--connect-timeout", "30", "osd", "new", DaemonId]);
        await RunAsync("ceph-osd", ["-i", "0", "--mkfs", "--osd-uuid", DaemonId]);
        Start("ceph-osd", "-i", "0", "-f");
    }

    private async Task StartGatewayAsync()
    {
        Start("radosgw", "-n", "client.rgw", "-f");
        using var client = new SocketsHttpHandler();
        using var invoker = new HttpMessageInvoker(client);
        var since = Stopwatch.GetTimestamp();
        while (!await AnswersAsync(invoker))
        {
            if (Stopwatch.GetElapsedTime(since) > ReadyLimit || !_processes.TrueForAll(static process => process.IsAlive()))
            {
                throw new InvalidOperationException($"Ceph does not serve:{Environment.NewLine}{_folder.EndOfLogs()}");
            }

            await Task.Delay(100);
        }

        await AdministerAsync("user", "create", "--uid=registry", "--display-name=registry", $"--access-key={AccessKey}", $"--secret-key={SecretKey}");
    }

    private async Task<bool> AnswersAsync(HttpMessageInvoker client)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{Port}/"));
        try
        {
            using var answer = await client.SendAsync(request, patience.Token);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception notYet) when (notYet is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private void Start(string program, params string[] arguments)
    {
        // Bounded from outside too: a test process that is killed cannot stop what it started.
        var launch = new Launch
        {
            Command = ["timeout", "--kill-after=10", "1800", program, "-c", _folder.Configuration, .. arguments],
            Folder = _folder.Path,
            Log = Path.Combine(_folder.Path, $"{program}.out"),
            Mark = $"{program} -c {_folder.Configuration}",
            Environment = _folder.Environment,
        };
        _processes.Add(DetachedProcess.Start(launch, _account) ?? throw new InvalidOperationException($"{program} did not start:{Environment.NewLine}{_folder.EndOfLogs()}"));
    }

    private async Task RunAsync(string program, string[] arguments)
    {
        string[] command = program == "monmaptool"
            ? [.. _account.Prefix(), program, .. arguments]
            : [.. _account.Prefix(), program, "-c", _folder.Configuration, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = _folder.Path };
        start.Environment.Clear();
        foreach (var (name, value) in _folder.Environment)
        {
            start.Environment[name] = value;
        }

        var result = await ProgramRun.RunAsync(start, CommandLimit, CancellationToken.None);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed: {result.Output}");
        }
    }
}
