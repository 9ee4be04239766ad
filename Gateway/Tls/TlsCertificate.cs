using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Registry.Gateway.Tls;

/// <summary>
/// The certificate of the listeners, read from two PEM files and read again when they change: renewing it needs no restart. Connections
/// that are open keep the one they began with.
/// </summary>
internal sealed partial class TlsCertificate(string certificateFile, string keyFile, TimeProvider clock)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);
    private readonly Lock _gate = new();
    private SslServerAuthenticationOptions? _current;
    private (DateTime Certificate, DateTime Key) _read;
    private long _lookedAt;

    /// <summary>What a handshake needs, as the files are now or, while they cannot be read, as they last could be.</summary>
    public SslServerAuthenticationOptions Current(ILogger logger)
    {
        lock (_gate)
        {
            if (_current is null || clock.GetElapsedTime(_lookedAt) >= LookEvery)
            {
                _lookedAt = clock.GetTimestamp();
                ReadIfChanged(logger);
            }

            return _current!;
        }
    }

    /// <summary>Reads the files for the first time.</summary>
    /// <returns>Null when they hold a certificate and its key, else what is wrong with them.</returns>
    public string? Fault()
    {
        try
        {
            lock (_gate)
            {
                Read();
                return null;
            }
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return unreadable.Message;
        }
    }

    private void ReadIfChanged(ILogger logger)
    {
        try
        {
            if (_current is null || Times() != _read)
            {
                Read();
                Log.Read(logger, certificateFile);
            }
        }
        catch (Exception unreadable) when (_current is not null && unreadable is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            // Half of a pair is replaced before the other: the next look finds both.
            Log.Unreadable(logger, unreadable, certificateFile);
        }
    }

    private void Read()
    {
        var times = Times();
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificateFile);
#pragma warning disable CA2000 // handshakes under way may still use the one before: it goes when nobody does
        var leaf = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
#pragma warning restore CA2000
        _current = new SslServerAuthenticationOptions { ServerCertificateContext = SslStreamCertificateContext.Create(leaf, chain, offline: true) };
        _read = times;
    }

    private (DateTime Certificate, DateTime Key) Times() => (File.GetLastWriteTimeUtc(certificateFile), File.GetLastWriteTimeUtc(keyFile));

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "The certificate in {File} was read anew")]
        public static partial void Read(ILogger logger, string file);

        [LoggerMessage(Level = LogLevel.Error, Message = "The certificate in {File} has changed and cannot be read; the one before is used on")]
        public static partial void Unreadable(ILogger logger, Exception failure, string file);
    }
}
