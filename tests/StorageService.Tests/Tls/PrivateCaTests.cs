using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

using Registry.ServiceDefaults.Tls;

namespace Registry.StorageService.Tests.Tls;

/// <summary>Real handshakes with a server whose certificate a private authority has issued.</summary>
public sealed class PrivateCaTests : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private readonly string _file = Path.GetTempFileName();
    private readonly X509Certificate2 _authority = NewAuthority();

    public void Dispose()
    {
        _authority.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public async Task A_server_that_the_private_authority_vouches_for_is_trusted_and_without_the_authority_it_is_not()
    {
        using var server = Issue("localhost", Now.AddDays(1), "1.3.6.1.5.5.7.3.1");

        (await ConnectAsync(server, Load())).ShouldBeTrue();
        (await ConnectAsync(server, null)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("elsewhere.test", 1, "1.3.6.1.5.5.7.3.1")]
    [InlineData("localhost", -1, "1.3.6.1.5.5.7.3.1")]
    [InlineData("localhost", 1, "1.3.6.1.5.5.7.3.2")]
    public async Task Another_name_an_expired_certificate_and_one_for_clients_stay_refused(string name, int days, string usage)
    {
        using var server = Issue(name, Now.AddDays(days), usage);

        (await ConnectAsync(server, Load())).ShouldBeFalse();
    }

    [Fact]
    public async Task Another_authority_stays_refused()
    {
        using var other = NewAuthority();
        File.WriteAllText(_file, other.ExportCertificatePem());
        using var server = Issue("localhost", Now.AddDays(1), "1.3.6.1.5.5.7.3.1");

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

    private static X509Certificate2 NewAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=private authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(Now.AddDays(-10), Now.AddDays(10));
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
        File.WriteAllText(_file, _authority.ExportCertificatePem());
        return PrivateCa.Load(_file);
    }

    private X509Certificate2 Issue(string name, DateTimeOffset until, string usage)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        using var issued = request.Create(_authority, Now.AddDays(-5), until, RandomNumberGenerator.GetBytes(8));
        using var withKey = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }
}
