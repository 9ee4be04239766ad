using System.Net;
using System.Net.Sockets;

namespace Registry.Testing;

/// <summary>
/// A TCP proxy on a loopback port in front of a server. It passes bytes through until it is told to cut: at once, or in the
/// moment the server says something particular, which the client then never hears. Or it holds everything back.
/// </summary>
public sealed class CutProxy : IAsyncDisposable
{
    /// <summary>PostgreSQL's reply to COMMIT: message <c>CommandComplete</c> with the tag <c>COMMIT</c>.</summary>
    public static ReadOnlyMemory<byte> CommitReply { get; } = "C\0\0\0\vCOMMIT\0"u8.ToArray();

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly DnsEndPoint _target;
    private readonly Lock _sync = new();
    private readonly HashSet<Socket> _open = [];
    private readonly Task _accepting;
    private ReadOnlyMemory<byte>? _cutAt;
    private TaskCompletionSource? _held;
    private bool _refusing;
    private int _cuts;

    /// <summary>Starts listening.</summary>
    /// <param name="host">The server's host.</param>
    /// <param name="port">The server's port.</param>
    public CutProxy(string host, int port)
    {
        _target = new DnsEndPoint(host, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many connections were cut because of what the server said.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>Cuts the next connection on which the server says this, before the client hears it. Once.</summary>
    public void CutWhenServerSays(ReadOnlyMemory<byte> bytes)
    {
        lock (_sync)
        {
            _cutAt = bytes;
        }
    }

    /// <summary>Cuts every connection, and new ones as soon as they are made, until told otherwise.</summary>
    public void Refuse(bool refuse)
    {
        lock (_sync)
        {
            _refusing = refuse;
            if (refuse)
            {
                foreach (var socket in _open)
                {
                    Reset(socket);
                }
            }
        }
    }

    /// <summary>Passes nothing on in either direction, and keeps connections open, until told otherwise.</summary>
    public void Hold(bool hold)
    {
        lock (_sync)
        {
            _held?.TrySetResult();
            _held = hold ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Hold(false);
        await _stopping.CancelAsync();
        _listener.Stop();
        Refuse(true);
        await _accepting;
        _listener.Dispose();
        _stopping.Dispose();
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // It was closed already.
        }
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_stopping.Token)));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            if (!Register(client, server))
            {
                Reset(client);
                return;
            }

            try
            {
                await server.ConnectAsync(_target, _stopping.Token);
                var upwards = PumpAsync(client, server, new Watch(null));
                await PumpAsync(server, client, new Watch(this));
                await upwards;
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // Cut, refused, or one side went away: the other side learns it below.
            }
            finally
            {
                Unregister(client, server);
            }
        }
    }

    private bool Register(params Socket[] sockets)
    {
        lock (_sync)
        {
            if (_refusing)
            {
                return false;
            }

            _open.UnionWith(sockets);
            return true;
        }
    }

    private void Unregister(params Socket[] sockets)
    {
        lock (_sync)
        {
            _open.ExceptWith(sockets);
        }
    }

    private Task WhileHeldAsync()
    {
        lock (_sync)
        {
            return _held?.Task.WaitAsync(_stopping.Token) ?? Task.CompletedTask;
        }
    }

    private async Task PumpAsync(Socket from, Socket to, Watch watch)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, SocketFlags.None, _stopping.Token) is var count and > 0)
            {
                if (watch.Hears(buffer.AsSpan(0, count)))
                {
                    Interlocked.Increment(ref _cuts);
                    break;
                }

                await WhileHeldAsync();
                await to.SendAsync(buffer.AsMemory(0, count), SocketFlags.None, _stopping.Token);
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Fall through: both ends are closed.
        }

        Reset(to);
        Reset(from);
    }

    /// <summary>Listens for the bytes on one connection, across reads.</summary>
    private sealed class Watch(CutProxy? proxy)
    {
        private readonly List<byte> _tail = [];

        public bool Hears(ReadOnlySpan<byte> bytes)
        {
            if (proxy is null)
            {
                return false;
            }

            lock (proxy._sync)
            {
                if (proxy._cutAt is not { } sought)
                {
                    _tail.Clear();
                    return false;
                }

                _tail.AddRange(bytes);
                var heard = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_tail).IndexOf(sought.Span) >= 0;
                _tail.RemoveRange(0, Math.Max(0, _tail.Count - sought.Length));
                if (heard)
                {
                    proxy._cutAt = null;
                }

                return heard;
            }
        }
    }
}
