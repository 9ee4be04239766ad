using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Registry.Testing;

/// <summary>Shows one client a certificate that this machine does not trust, and that may name where its issuer's is.</summary>
public sealed class UntrustedServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Task _serving;

    /// <summary>Starts it on a free port.</summary>
    /// <param name="address">Where.</param>
    /// <param name="certificate">What it shows.</param>
    public UntrustedServer(IPAddress address, X509Certificate2 certificate)
    {
        _listener = new TcpListener(address, 0);
        _listener.Start();
        _serving = ServeOnceAsync(SslStreamCertificateContext.Create(certificate, null, offline: true)); // or it would fetch the issuer's itself
    }

    /// <summary>Its port.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Waits until its client has gone, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _serving.WaitAsync(TimeSpan.FromSeconds(30));
        _listener.Dispose();
    }

    private async Task ServeOnceAsync(SslStreamCertificateContext certificate)
    {
        using var connection = await _listener.AcceptTcpClientAsync();
        await using var secured = new SslStream(connection.GetStream());
        try
        {
            await secured.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = certificate });
            await secured.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false);
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            // The client does not trust it.
        }
    }
}
