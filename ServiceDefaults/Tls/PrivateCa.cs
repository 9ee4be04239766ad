using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Registry.ServiceDefaults.Tls;

/// <summary>
/// Certificate authorities of the operator's own, trusted in addition to the system's: a server's certificate is good when either
/// vouches for it. Only the question "who vouches" is widened; a wrong name, an expired certificate or one that is not for servers
/// stays refused.
/// </summary>
public sealed class PrivateCa
{
    /// <summary>The option that names the file.</summary>
    public const string Setting = "Tls:CaFile";

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1"; // RFC 5280, 4.2.1.12: id-kp-serverAuth

    private readonly X509Certificate2Collection _authorities;

    private PrivateCa(X509Certificate2Collection authorities) => _authorities = authorities;

    /// <summary>Reads the authorities of a file; no file means the system's authorities alone.</summary>
    /// <param name="path">A PEM file with one or several certificates; null or empty for none.</param>
    /// <returns>Null when no file is named.</returns>
    /// <exception cref="InvalidOperationException">The file cannot be read or holds no certificate; the sentence names the option.</exception>
    public static PrivateCa? Load(string? path)
    {
        if (string.IsNullOrEmpty(path))
        {
            return null;
        }

        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new InvalidOperationException($"The file '{path}' ({Setting}) cannot be read as PEM certificates: {failure.Message}", failure);
        }

        return authorities.Count > 0
            ? new PrivateCa(authorities)
            : throw new InvalidOperationException($"The file '{path}' ({Setting}) holds no certificate; it must be PEM text with BEGIN CERTIFICATE.");
    }

    /// <summary>Makes a client's connections trust them.</summary>
    public void Configure(SocketsHttpHandler handler) =>
        handler.SslOptions.RemoteCertificateValidationCallback = Accepts;

    /// <summary>A <see cref="RemoteCertificateValidationCallback"/>.</summary>
    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        // Any other error, such as another name, is none that an authority could mend.
        return errors == SslPolicyErrors.RemoteCertificateChainErrors && certificate is X509Certificate2 server && VouchFor(server, chain);
    }

    private bool VouchFor(X509Certificate2 server, X509Chain? presented)
    {
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(_authorities);
        policy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        policy.RevocationMode = X509RevocationMode.NoCheck; // a private authority seldom has a list that can be reached
        foreach (var element in presented?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            policy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(server);
    }
}
