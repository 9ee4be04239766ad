using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Registry.SearchService.Index.Elasticsearch;

/// <summary>Trust in the authority of <c>Tls:CaFile</c> alone, for servers whose certificates no public authority signs.</summary>
internal static class PrivateAuthority
{
    /// <summary>Makes a handler trust the certificates in a PEM file, and no others; without a file it trusts what the system does.</summary>
    /// <exception cref="InvalidOperationException">The file cannot be read; the message names it.</exception>
    public static void Trust(SslClientAuthenticationOptions options, string? caFile)
    {
        if (string.IsNullOrEmpty(caFile))
        {
            return;
        }

        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(caFile);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new InvalidOperationException($"Tls:CaFile names {caFile}, which cannot be read as certificates in PEM form.", unreadable);
        }

        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        options.CertificateChainPolicy = policy; // the name is still checked
    }
}
