using System.Collections.Concurrent;

using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Data;
using Registry.Upstreams;

namespace Registry.PackageService.Proxying;

/// <summary>
/// Tarballs of upstreams: downloaded once however many want them, verified, stored as blobs, and served from there ever after. One process
/// holds the lease and downloads; the others wait for what it writes.
/// </summary>
internal sealed partial class ProxiedTarballs(
    IDbContextFactory<PackageDbContext> contexts, TarballDownloader downloader, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<ProxiedTarballs> logger)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);
    private readonly ConcurrentDictionary<TarballAddress, TarballFlight> _flights = new();

    /// <summary>The tarball, if it is stored.</summary>
    public async Task<TarballOutcome.Stored?> FindStoredAsync(TarballAddress at, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return StoredOf(await db.FindTarballAsync(at, cancellationToken));
    }

    /// <summary>Downloads a tarball, or joins the download that is under way.</summary>
    /// <param name="upstream">Where from.</param>
    /// <param name="at">Which.</param>
    /// <param name="promise">What it has to be.</param>
    /// <param name="instead">What is stored, and is not that.</param>
    public TarballFlight Fetch(Upstream upstream, TarballAddress at, TarballPromise promise, TarballOutcome.Stored? instead)
    {
        var flight = new TarballFlight(at, instead?.Bytes.Integrity);
        var current = _flights.GetOrAdd(at, flight);
        if (current == flight)
        {
            _ = RunAsync(upstream, flight, promise);
        }

        return current;
    }

    private static TarballOutcome.Stored? StoredOf(UpstreamTarballRow? row) =>
        row is { Digest: { } digest, Integrity: { } integrity, StoredAt: { } at } ? new TarballOutcome.Stored(new StoredBytes(digest, row.SizeBytes, integrity), at) : null;

    private async Task RunAsync(Upstream upstream, TarballFlight flight, TarballPromise promise)
    {
        await Task.Yield();
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopped); // while it drains, requests want their answers
            deadline.CancelAfter(Longest);
            flight.End(await LeaseAndRunAsync(upstream, flight, promise, deadline.Token));
        }
#pragma warning disable CA1031 // whoever waits has to learn of it, whatever it is
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogBroken(failure, flight.At.Name, flight.At.Version, flight.At.Upstream);
            flight.Break(failure is OperationCanceledException ? new TimeoutException("The download was given up.", failure) : failure);
            _ = flight.Ended.Exception; // nobody may be left to look at it
        }
        finally
        {
            _flights.TryRemove(flight.At, out _);
        }
    }

    private async Task<TarballOutcome> LeaseAndRunAsync(Upstream upstream, TarballFlight flight, TarballPromise promise, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var owner = Guid.CreateVersion7();
        var seen = await db.FindTarballAsync(flight.At, cancellationToken);
        for (var round = 0; ; round++)
        {
            if (await db.LeaseTarballAsync(flight.At, owner, (flight.Replaces, seen?.FailedAt), cancellationToken))
            {
                return await RunAsync(db, upstream, flight, promise, owner, cancellationToken);
            }

            await Task.Delay(Leases.PauseAfter(round), clock, cancellationToken);

            // What failed for the holder failed for those who waited.
            var before = seen?.FailedAt;
            seen = await db.FindTarballAsync(flight.At, cancellationToken);
            if (OutcomeOf(seen, before, flight.Replaces) is { } outcome)
            {
                return outcome;
            }
        }
    }

    /// <summary>What another process wrote since this one looked before.</summary>
    private static TarballOutcome? OutcomeOf(UpstreamTarballRow? row, DateTimeOffset? failedBefore, string? replaces) =>
        StoredOf(row) is { } stored && stored.Bytes.Integrity != replaces ? stored
        : row is not { Failure: { } failure } || row.FailedAt == failedBefore ? null
        : failure == FailureText.Missing ? new TarballOutcome.Missing(row.Upstream)
        : new TarballOutcome.Failed(FailureText.Read(row.Upstream, failure));

    private async Task<TarballOutcome> RunAsync(
        PackageDbContext db, Upstream upstream, TarballFlight flight, TarballPromise promise, Guid owner, CancellationToken cancellationToken)
    {
        try
        {
            var work = upstream.DownloadAsync(
                promise.Link, (download, token) => downloader.ExecuteAsync(upstream.Config, download, (flight, promise), token), cancellationToken);
            if (await Leases.KeepWhileAsync(work, () => db.RenewTarballLeaseAsync(flight.At, owner, cancellationToken), clock) is { } bytes)
            {
                await db.SaveTarballAsync(flight.At, owner, bytes, cancellationToken);
                return new TarballOutcome.Stored(bytes, clock.GetUtcNow());
            }

            await db.FailTarballAsync(flight.At, owner, FailureText.Missing, cancellationToken);
            return new TarballOutcome.Missing(upstream.Name);
        }
        catch (RegistryException failure)
        {
            LogFailed(flight.At.Name, flight.At.Version, failure.Message);
            await db.FailTarballAsync(flight.At, owner, FailureText.Write(failure), cancellationToken);
            return new TarballOutcome.Failed(UpstreamFailure.Of(failure));
        }
        catch
        {
            // A reason of our own, the store's most likely: it says nothing of the upstream, and those who wait elsewhere try themselves.
            await Leases.GiveBackAsync(token => db.ReleaseTarballAsync(flight.At, owner, token));
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The tarball of {PackageName}@{Version} did not come: {Failure}")]
    private partial void LogFailed(string packageName, string version, string failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "The download of {PackageName}@{Version} from {Upstream} broke")]
    private partial void LogBroken(Exception failure, string packageName, string version, string upstream);
}
