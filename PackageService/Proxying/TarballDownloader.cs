using System.Security.Cryptography;

using Registry.PackageService.Data;
using Registry.PackageService.Packages;
using Registry.PackageService.Storage;
using Registry.Upstreams;

namespace Registry.PackageService.Proxying;

/// <summary>Brings a tarball from an upstream into the store: what is not what its packument promises never appears there.</summary>
internal sealed class TarballDownloader(StorageClient storage, TimeProvider clock)
{
    private const int SlowestBytesPerSecond = 1024;
    private const int LongestShown = 200;

    /// <summary>Stores a download while it comes, and verifies it.</summary>
    /// <exception cref="RegistryException">The upstream failed, or sent something else.</exception>
    /// <exception cref="HttpRequestException">The store could not be written.</exception>
    public async Task<StoredBytes> ExecuteAsync(
        RegistryConfig config, TarballDownload download, (TarballFlight Flight, TarballPromise Promise) wanted, CancellationToken cancellationToken)
    {
        wanted.Flight.Begin(download.SizeBytes);
        Integrity? integrity = null;
        var size = 0L;
        var stored = await storage.StoreAsync(
            async (destination, token) => (integrity, size) = await new Pump(config, download, clock).RunAsync(destination, wanted.Flight.Tee, wanted.Promise, token),
            cancellationToken);
        return stored.Digest == integrity!.Digest && stored.SizeBytes == size
            ? new StoredBytes(stored.Digest, size, integrity.Sri)
            : throw new HttpRequestException("The tarball did not reach the store intact.");
    }

    private sealed class Pump(RegistryConfig config, TarballDownload download, TimeProvider clock)
    {
        private TimeSpan _waited; // for the upstream alone: a slow store is not its fault

        public async Task<(Integrity Integrity, long Size)> RunAsync(
            Stream destination, TarballTee tee, TarballPromise promise, CancellationToken cancellationToken)
        {
            using var sha512 = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
            using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            using var sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
            var (buffer, size) = (new byte[64 * 1024], 0L);
            while (await ReadAsync(buffer, cancellationToken) is var count and > 0)
            {
                var piece = buffer.AsMemory(0, count);
                size += count;
                CheckPace(size);
                sha512.AppendData(piece.Span);
                sha256.AppendData(piece.Span);
                sha1.AppendData(piece.Span);
                tee.Add(piece.Span);
                await destination.WriteAsync(piece, cancellationToken);
            }

            var integrity = new Integrity(sha512.GetHashAndReset(), sha256.GetHashAndReset(), sha1.GetHashAndReset());
            Verify(integrity, promise);
            return (integrity, size);
        }

        private async ValueTask<int> ReadAsync(byte[] buffer, CancellationToken cancellationToken)
        {
            var started = clock.GetTimestamp();
            var count = await download.ReadAsync(buffer, cancellationToken);
            _waited += clock.GetElapsedTime(started);
            return count;
        }

        /// <summary>Between two pieces there may be a long time, but not between all of them.</summary>
        private void CheckPace(long size)
        {
            if (_waited > config.Timeout && size / _waited.TotalSeconds < SlowestBytesPerSecond)
            {
                throw new RegistryException(config.Name, RegistryFailure.TooSlow, $"sends less than {SlowestBytesPerSecond} bytes a second.");
            }
        }

        /// <summary>It is the upstream's text, of any length.</summary>
        private static string? Shown(string? promised) => promised is { Length: > LongestShown } ? $"{promised[..LongestShown]}…" : promised;

        private void Verify(Integrity integrity, TarballPromise promise)
        {
            var match = promise.Integrity is { } sri ? integrity.Compare(sri) : IntegrityMatch.Unreadable;
            if (match == IntegrityMatch.Unreadable && promise.Shasum is { } shasum)
            {
                match = integrity.CompareShasum(shasum);
            }

            var promised = Shown(promise.Integrity ?? promise.Shasum);
            if (match == IntegrityMatch.Different)
            {
                throw new RegistryException(config.Name, RegistryFailure.BadTarball, $"sent other bytes than its packument promises: expected {promised}, got {integrity.Sri}.");
            }

            if (match == IntegrityMatch.Unreadable && promised is not null)
            {
                throw new RegistryException(config.Name, RegistryFailure.BadTarball, $"promises its bytes in a form that cannot be checked: {promised}.");
            }
        }
    }
}
