using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

using Microsoft.Extensions.Options;

using Registry.Gateway.Tests.Harness;
using Registry.Testing;

namespace Registry.Gateway.Tests.Tls;

public sealed class TlsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("registry-tls-").FullName;

    private string CertificateFile => Path.Combine(_folder, "tls.crt");

    private string KeyFile => Path.Combine(_folder, "tls.key");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_listener_speaks_tls_and_documents_say_so()
    {
        var thumbprint = WriteCertificate("first");
        await using var gateway = await StartAsync();

        foreach (var address in new[] { gateway.WebAddress, gateway.NpmAddress, gateway.LoftAddress })
        {
            address.Scheme.ShouldBe("https");
            (await AskAsync(address)).ShouldBe((HttpStatusCode.OK, thumbprint));
        }

        (await Wire.SendAsync(new Uri($"http://{gateway.NpmAddress.Authority}"), "GET", "/health")).Status.ShouldBe(0, "clear text is not answered");
        var mount = TestKeys.Codec.Verify(gateway.Packages.Requests[^1].Header("X-Registry-Assertion")!, "packages")!.Mount!;
        mount.PublicUrl.ShouldStartWith("https://127.0.0.1:");
        mount.IsCanonical.ShouldBeTrue();
    }

    [Fact]
    public async Task A_renewed_certificate_is_used_without_a_restart_and_a_broken_one_is_not()
    {
        var first = WriteCertificate("first");
        await using var gateway = await StartAsync();
        (await AskAsync(gateway.WebAddress)).Thumbprint.ShouldBe(first);

        await File.WriteAllTextAsync(CertificateFile, "-----BEGIN CERTIFICATE-----\nhalf");
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        (await AskAsync(gateway.WebAddress)).Thumbprint.ShouldBe(first);

        var second = WriteCertificate("second");
        await Eventually.ShouldHoldAsync(async () => (await AskAsync(gateway.WebAddress)).Thumbprint == second, "the new certificate is used");
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_used_is_named_at_start()
    {
        WriteCertificate("first");
        await File.WriteAllTextAsync(KeyFile, "no key");

        (await Should.ThrowAsync<OptionsValidationException>(StartAsync)).Message.ShouldContain(KeyFile);
        (await Should.ThrowAsync<OptionsValidationException>(() => GatewayUnderTest.StartAsync(("Gateway:Tls:CertificateFile", CertificateFile))))
            .Message.ShouldContain("both CertificateFile and KeyFile");
    }

    private Task<GatewayUnderTest> StartAsync() => GatewayUnderTest.StartAsync(
        ("Gateway:Tls:CertificateFile", CertificateFile),
        ("Gateway:Tls:KeyFile", KeyFile),
        ("Gateway:Listeners:web:Address", "https://127.0.0.1:0"),
        ("Gateway:Listeners:npm:Address", "https://127.0.0.1:0"),
        ("Gateway:Listeners:loft:Address", "https://127.0.0.1:0"));

    private string WriteCertificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}.registry.test", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        return certificate.Thumbprint;
    }

    private static async Task<(HttpStatusCode Status, string? Thumbprint)> AskAsync(Uri address)
    {
        string? thumbprint = null;
        using var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            thumbprint = (certificate as X509Certificate2)?.Thumbprint;
            return thumbprint is not null;
        };
#pragma warning disable RS0030 // tests own their clients
        using var client = new HttpClient(handler);
#pragma warning restore RS0030
        using var answer = await client.GetAsync(new Uri(address, "/x?y"));
        return (answer.StatusCode, thumbprint);
    }
}
