using System.Net;
using System.Net.Sockets;

using Registry.Standalone.Folder;
using Registry.Standalone.Processes;

namespace Registry.Standalone.Servers;

/// <summary>
/// Erlang's port mapper for our RabbitMQ alone. Were there none, RabbitMQ would start one as a daemon that nobody ends;
/// were it the machine's, our node's name could clash with another's.
/// </summary>
internal sealed class PortMapperProcess(DataFolder folder, string program, int port) : ServerProcess
{
    /// <inheritdoc/>
    public override string Name => "epmd";

    /// <inheritdoc/>
    public override string Title => "Erlang's port mapper";

    /// <inheritdoc/>
    public override int Port => port;

    /// <inheritdoc/>
    public override Task PrepareAsync(ServerAccount account, CancellationToken cancellationToken)
    {
        account.OwnFolder(folder.RabbitMq);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Launch Launch() =>
        new()
        {
            Command = [program, "-address", "127.0.0.1", "-port", $"{port}"],
            Folder = folder.RabbitMq,
            Log = Path.Combine(folder.Logs, "rabbitmq.log"),
            Mark = $"-port {port}",
            Environment = CleanEnvironment(folder.RabbitMq),
        };

    /// <inheritdoc/>
    public override async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
