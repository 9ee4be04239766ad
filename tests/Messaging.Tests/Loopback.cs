using System.Net;
using System.Net.Sockets;

namespace Registry.Messaging.Tests;

/// <summary>
/// A loopback address in front of the broker. While closed it accepts connections and never answers, as a broker that
/// hangs; opened, it forwards them; cut, it drops every connection and hangs again.
/// </summary>
internal sealed class Loopback : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly Lock _gate = new();
    private readonly List<TcpClient> _clients = [];
    private readonly Uri _target;
    private readonly Task _accepting;
    private bool _open;
    private int _accepted;

    public Loopback(string target)
    {
        _target = new Uri(target);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string ConnectionString =>
        $"amqp://{_target.UserInfo}@127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}{_target.AbsolutePath}";

    public int Accepted => Volatile.Read(ref _accepted);

    public void Open() => Volatile.Write(ref _open, true);

    public void Cut()
    {
        Volatile.Write(ref _open, false);
        DropAll();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Stop();
        DropAll();
        await _accepting;
        _stopped.Dispose();
    }

    private void DropAll()
    {
        lock (_gate)
        {
            _clients.ForEach(client => client.Dispose());
            _clients.Clear();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = Keep(await _listener.AcceptTcpClientAsync(_stopped.Token));
                Interlocked.Increment(ref _accepted);
                if (Volatile.Read(ref _open))
                {
                    _ = ForwardAsync(client);
                }
            }
        }
        catch (Exception ending) when (ending is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        try
        {
            var broker = Keep(new TcpClient());
            await broker.ConnectAsync(_target.Host, _target.Port, _stopped.Token);
            await Task.WhenAny(
                client.GetStream().CopyToAsync(broker.GetStream(), _stopped.Token),
                broker.GetStream().CopyToAsync(client.GetStream(), _stopped.Token));
            client.Dispose();
            broker.Dispose();
        }
        catch (Exception ending) when (ending is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // One side went away.
        }
    }

    private TcpClient Keep(TcpClient client)
    {
        lock (_gate)
        {
            _clients.Add(client);
        }

        return client;
    }
}
