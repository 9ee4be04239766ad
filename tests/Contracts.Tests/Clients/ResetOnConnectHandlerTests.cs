using System.Net;
using System.Net.Sockets;

using Registry.ServiceDefaults.Clients;

namespace Registry.Contracts.Tests.Clients;

/// <summary>A server that resets a connection in the moment it was made, such as one that is killed just then.</summary>
public sealed class ResetOnConnectHandlerTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public ResetOnConnectHandlerTests() => _listener.Start();

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task It_is_a_failure_to_connect()
    {
        using var handler = new ResetOnConnectHandler { InnerHandler = new SocketsHttpHandler { ConnectCallback = ConnectAndBeResetAsync } };

        var failure = await Should.ThrowAsync<HttpRequestException>(() => GetAsync(handler));

        failure.HttpRequestError.ShouldBe(HttpRequestError.ConnectionError);
    }

    [Fact]
    public async Task Without_the_handler_it_is_a_bare_SocketException()
    {
        using var handler = new SocketsHttpHandler { ConnectCallback = ConnectAndBeResetAsync };

        await Should.ThrowAsync<SocketException>(() => GetAsync(handler)); // once this fails the handler has no purpose any more
    }

    private async Task GetAsync(HttpMessageHandler handler)
    {
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{_listener.LocalEndpoint}/"));
        using var answer = await client.SendAsync(request, default);
    }

    private async ValueTask<Stream> ConnectAndBeResetAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
        using (var accepted = await _listener.AcceptSocketAsync(cancellationToken))
        {
            accepted.LingerState = new LingerOption(true, 0);
        }

        socket.Poll(TimeSpan.FromSeconds(5), SelectMode.SelectRead);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
