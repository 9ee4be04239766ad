using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

using Registry.Standalone.Folder;
using Registry.Standalone.Processes;

namespace Registry.Standalone.Servers;

/// <summary>The ports of a RabbitMQ node, all on loopback.</summary>
/// <param name="Amqp">For clients.</param>
/// <param name="Distribution">For other Erlang nodes; nobody uses it, but it is opened.</param>
/// <param name="PortMapper">Of its port mapper.</param>
/// <param name="Management">Of the management interface; null leaves it off.</param>
internal sealed record RabbitMqPorts(int Amqp, int Distribution, int PortMapper, int? Management);

/// <summary>
/// A private RabbitMQ node: its own cookie and port mapper, everything on loopback, and none of the system's
/// configuration files. The node's name ends in <c>localhost</c>, so a changed host name does not lose its data.
/// </summary>
internal sealed class RabbitMqProcess(DataFolder folder, ServerPrograms programs, RabbitMqPorts ports, string password) : ServerProcess
{
    private const string User = "registry";
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2);

    private string Home => Path.Combine(folder.RabbitMq, "home");

    /// <inheritdoc/>
    public override string Name => "rabbitmq";

    /// <inheritdoc/>
    public override string Title => $"RabbitMQ {programs.Version}";

    /// <inheritdoc/>
    public override int Port => ports.Amqp;

    /// <inheritdoc/>
    public override string Settings => Configuration + Plugins;

    /// <summary>How to reach it.</summary>
    public string ConnectionString => $"amqp://{User}:{password}@127.0.0.1:{ports.Amqp}";

    private string Plugins => ports.Management is null ? "[]." : "[rabbitmq_management].";

    private string Configuration =>
        $"""
        listeners.tcp.1 = 127.0.0.1:{ports.Amqp}
        default_user = {User}
        default_pass = {password}
        vm_memory_high_watermark.absolute = 512MiB
        disk_free_limit.absolute = 256MB
        log.console = true
        log.console.level = warning
        log.file = false

        """
        + (ports.Management is { } port ? $"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {port}\n" : "");

    /// <inheritdoc/>
    public override Task PrepareAsync(ServerAccount account, CancellationToken cancellationToken)
    {
        account.OwnFolder(folder.RabbitMq);
        foreach (var name in (string[])["home", "mnesia", "log", "config", "schema"])
        {
            account.OwnFolder(Path.Combine(folder.RabbitMq, name));
        }

        var cookie = Path.Combine(Home, ".erlang.cookie");
        if (!File.Exists(cookie))
        {
            // Erlang refuses a cookie that anybody else could read.
            PrivateFiles.Write(cookie, RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 32), UnixFileMode.UserRead);
            account.Own(cookie);
        }

        Put("rabbitmq.conf", Configuration, account);
        Put("enabled_plugins", Plugins, account);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Launch Launch() =>
        new()
        {
            // The last two arguments mean nothing to Erlang: by them the process is recognised later.
            Command = [Path.Combine(programs.Folder, "rabbitmq-server"), "-registry_data", folder.RabbitMq],
            Folder = folder.RabbitMq,
            Log = Path.Combine(folder.Logs, "rabbitmq.log"),
            Mark = $"-registry_data {folder.RabbitMq}",
            Environment = NodeEnvironment(),
        };

    /// <inheritdoc/>
    public override async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        // The port is open long before the broker serves: only a frame in answer to AMQP's greeting counts.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerLimit);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, ports.Amqp, limit.Token);
            var stream = client.GetStream();
            await stream.WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray(), limit.Token);
            var frame = new byte[7];
            await stream.ReadExactlyAsync(frame, limit.Token);
            return frame[0] == 1;
        }
        catch (Exception notYet) when (notYet is SocketException or IOException
            || (notYet is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private Dictionary<string, string> NodeEnvironment()
    {
        var environment = CleanEnvironment(Home);
        environment["PATH"] = $"{environment["PATH"]}:{Path.GetDirectoryName(RabbitMqPrograms.FindPortMapper())}:/usr/sbin:/usr/bin:/bin";
        environment["RABBITMQ_NODENAME"] = "registry@localhost";
        environment["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1";
        environment["RABBITMQ_NODE_PORT"] = $"{ports.Amqp}";
        environment["RABBITMQ_DIST_PORT"] = $"{ports.Distribution}";
        environment["ERL_EPMD_PORT"] = $"{ports.PortMapper}";
        environment["ERL_EPMD_ADDRESS"] = "127.0.0.1";
        environment["RABBITMQ_CONF_ENV_FILE"] = "/dev/null";
        environment["RABBITMQ_CONFIG_FILE"] = Own("rabbitmq.conf");
        environment["RABBITMQ_ADVANCED_CONFIG_FILE"] = Own("advanced.config");
        environment["RABBITMQ_GENERATED_CONFIG_DIR"] = Own("config");
        environment["RABBITMQ_MNESIA_BASE"] = Own("mnesia");
        environment["RABBITMQ_LOG_BASE"] = Own("log");
        environment["RABBITMQ_LOGS"] = "-";
        environment["RABBITMQ_SCHEMA_DIR"] = Own("schema");
        environment["RABBITMQ_FEATURE_FLAGS_FILE"] = Own("feature_flags");
        environment["RABBITMQ_ENABLED_PLUGINS_FILE"] = Own("enabled_plugins");
        environment["RABBITMQ_PID_FILE"] = Own("rabbitmq.pid");
        environment["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +SDcpu 2:2";

        // As under systemd the start script then becomes the node instead of waiting for it, so there is one process to watch.
        environment["RUNNING_UNDER_SYSTEMD"] = "true";
        return environment;
    }

    private string Own(string name) => Path.Combine(folder.RabbitMq, name);

    private void Put(string name, string content, ServerAccount account)
    {
        PrivateFiles.Write(Own(name), content);
        account.Own(Own(name));
    }
}
