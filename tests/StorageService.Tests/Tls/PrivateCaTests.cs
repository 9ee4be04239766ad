using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

using Registry.ServiceDefaults.Tls;
using Registry.Testing;

namespace Registry.StorageService.Tests.Tls;

/// <summary>Real handshakes with a server whose certificate a private authority has issued.</summary>
public sealed class PrivateCaTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();
    private readonly TestAuthority _authority = new();

    public void Dispose()
    {
        _authority.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public async Task A_server_that_the_private_authority_vouches_for_is_trusted_and_without_the_authority_it_is_not()
    {
        using var server = _authority.Issue("localhost");

        (await ConnectAsync(server, Load())).ShouldBeTrue();
        (await ConnectAsync(server, null)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("elsewhere.test", 1, "1.3.6.1.5.5.7.3.1")]
    [InlineData("localhost", -1, "1.3.6.1.5.5.7.3.1")]
    [InlineData("localhost", 1, "1.3.6.1.5.5.7.3.2")]
    public async Task Another_name_an_expired_certificate_and_one_for_clients_stay_refused(string name, int days, string usage)
    {
        using var server = _authority.Issue(name, days, usage);

        (await ConnectAsync(server, Load())).ShouldBeFalse();
    }

    [Fact]
    public async Task Another_authority_stays_refused()
    {
        using var other = new TestAuthority();
        File.WriteAllText(_file, other.CertificatePem);
        using var server = _authority.Issue("localhost");

        (await ConnectAsync(server, PrivateCa.Load(_file))).ShouldBeFalse();
    }

    [Fact]
    public void A_file_that_holds_none_is_refused_with_the_option_and_no_file_is_none()
    {
        File.WriteAllText(_file, "no certificate");

        Should.Throw<InvalidOperationException>(() => PrivateCa.Load(_file)).Message.ShouldContain("Tls:CaFile");
        Should.Throw<InvalidOperationException>(() => PrivateCa.Load("/nowhere/ca.pem")).Message.ShouldContain("/nowhere/ca.pem");
        PrivateCa.Load("").ShouldBeNull();
    }

    private static async Task<bool> ConnectAsync(X509Certificate2 certificate, PrivateCa? authorities)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, certificate);
        using var handler = new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(10) };
        authorities?.Configure(handler);
        using var client = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"https://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/"));
        try
        {
            using var answer = await client.SendAsync(request, default);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException refused) when (refused.InnerException is AuthenticationException)
        {
            return false;
        }
        finally
        {
            await serving;
        }
    }

    private static async Task ServeAsync(TcpListener listener, X509Certificate2 certificate)
    {
        using var connection = await listener.AcceptTcpClientAsync();
        await using var secured = new SslStream(connection.GetStream());
        try
        {
            await secured.AuthenticateAsServerAsync(certificate);
            _ = await secured.ReadAsync(new byte[4096]);
            await secured.WriteAsync("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"u8.ToArray());
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException)
        {
            // The client did not like the certificate.
        }
    }

    private PrivateCa? Load()
    {
        File.WriteAllText(_file, _authority.CertificatePem);
        return PrivateCa.Load(_file);
    }
}
