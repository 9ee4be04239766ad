using System.Security.Cryptography;

using Registry.Upstreams.Http;

namespace Registry.Upstreams.Types;

/// <summary>A tarball on its way to a file: it appears under its name whole and verified, or leaves nothing.</summary>
internal static class TarballFile
{
    public static async Task<bool> WriteAsync(RegistryClient client, TarballSource source, string destination, CancellationToken cancellationToken)
    {
        var expected = source.Checksum is { } text
            ? Checksum.Parse(text) ?? throw client.Bad($"gives the tarball {RegistryClient.Shown(source.Url)} a checksum in no known form: '{text}'")
            : null;
        var path = Path.GetFullPath(destination);
        var part = $"{path}.{Guid.CreateVersion7():n}.part";
        try
        {
            if (!await WritePartAsync(client, source, expected, part, cancellationToken))
            {
                return false;
            }

            File.Move(part, path, overwrite: true);
            return true;
        }
        finally
        {
            File.Delete(part);
        }
    }

    private static async Task<bool> WritePartAsync(
        RegistryClient client, TarballSource source, Checksum? expected, string part, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(expected?.Algorithm ?? HashAlgorithmName.SHA256);
        await using (var file = new FileStream(part, FileMode.CreateNew, FileAccess.Write))
        {
            if (!await CopyAsync(client, source, file, hash, cancellationToken))
            {
                return false;
            }
        }

        if (expected is not null && !expected.Matches(hash.GetHashAndReset()))
        {
            throw new RegistryException(client.Config.Name, RegistryFailure.BadTarball, $"sent other bytes than it promised for {RegistryClient.Shown(source.Url)}: the checksum {source.Checksum} does not match.");
        }

        return true;
    }

    private static async Task<bool> CopyAsync(RegistryClient client, TarballSource source, FileStream file, IncrementalHash hash, CancellationToken cancellationToken)
    {
        await using var download = await client.OpenAsync(source.Url, source.Accept, cancellationToken);
        if (download is null)
        {
            return false;
        }

        if (source.Checksum is null && !download.IsEndKnown)
        {
            throw client.Bad($"does not say where the tarball {RegistryClient.Shown(source.Url)} ends, nor what it has to be: whether it is whole could not be told");
        }

        var buffer = new byte[64 * 1024];
        while (await download.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            hash.AppendData(buffer, 0, count);
            await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }

        return true;
    }
}

/// <summary>Where a tarball comes from.</summary>
/// <param name="Url">Its URL.</param>
/// <param name="Checksum">What it has to be, as the registry writes it; null when the registry does not say.</param>
/// <param name="Accept">The media type asked for.</param>
internal sealed record TarballSource(Uri Url, string? Checksum, string Accept = TarballSource.AnyType)
{
    public const string AnyType = "*/*";
}
