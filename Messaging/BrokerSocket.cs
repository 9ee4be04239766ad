using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;

using RabbitMQ.Client;

namespace Registry.Messaging;

/// <summary>
/// A connection to the broker that is given up when no first byte comes back. RabbitMQ.Client 7.1 waits for ever for a
/// broker (or a balancer in front of it) that accepts and then says nothing, and so never tries again; every later step of
/// its handshake, and a connection once made, it bounds itself.
/// </summary>
[SuppressMessage("Reliability", "CA2000", Justification = "The base class owns the socket and closes it.")]
internal sealed class BrokerSocket(AddressFamily family)
    : TcpClientAdapter(new Socket(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true })
{
    private static readonly TimeSpan FirstByteWithin = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public override NetworkStream GetStream() => new FirstByteStream(Client);

    private sealed class FirstByteStream(Socket socket) : NetworkStream(socket)
    {
        private bool _heard;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _heard ? base.ReadAsync(buffer, cancellationToken) : ReadFirstAsync(buffer, cancellationToken);

        private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            bounded.CancelAfter(FirstByteWithin);
            try
            {
                var count = await base.ReadAsync(buffer, bounded.Token);
                _heard = true;
                return count;
            }
            catch (OperationCanceledException silence) when (!cancellationToken.IsCancellationRequested)
            {
                throw new IOException("The broker accepted the connection but said nothing.", silence);
            }
        }
    }
}
