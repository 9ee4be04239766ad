using System.Text.Json;

using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Data;
using Registry.PackageService.Packages;
using Registry.Upstreams;

namespace Registry.PackageService.Proxying;

/// <summary>What came of asking an upstream for a packument.</summary>
/// <param name="Lookup">The answer.</param>
/// <param name="Kept">The packument, when it is a new one.</param>
internal sealed record FetchedPackument(PackumentLookup Lookup, KeptPackument? Kept = null);

/// <summary>
/// Asks an upstream for a packument and keeps the answer. A lease in the database makes one process ask while the others wait for what it
/// writes; one that died is waited for until its lease is over.
/// </summary>
internal sealed class PackumentFetch(IDbContextFactory<PackageDbContext> contexts, IHostApplicationLifetime lifetime, TimeProvider clock) : IDisposable
{
    /// <summary>How old an answer may be for a client that wants the latest.</summary>
    public static readonly TimeSpan AtMostBehind = TimeSpan.FromSeconds(2);

    private const int MostParsed = 4; // at the same time: a packument can be tens of megabytes
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);
    private readonly SemaphoreSlim _parsing = new(MostParsed);

    /// <summary>Asks, or waits for somebody else who does.</summary>
    /// <param name="upstream">The upstream.</param>
    /// <param name="name">The package.</param>
    /// <param name="wanted">Which packument, and how new it has to be.</param>
    /// <param name="known">What this process knows of it.</param>
    public async Task<FetchedPackument> ExecuteAsync(Upstream upstream, PackageName name, (PackumentAddress At, Freshness Freshness) wanted, KnownPackument? known)
    {
        var at = wanted.At;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopped); // while it drains, requests want their answers
        deadline.CancelAfter(upstream.Config.Timeout + Longest);
        await using var db = await contexts.CreateDbContextAsync(deadline.Token);
        var owner = Guid.CreateVersion7();
        var seen = await FindAsync(db, at, deadline.Token);
        for (var round = 0; ; round++)
        {
            if (await db.LeasePackumentAsync(at, owner, seen?.FailedAt, deadline.Token) is { } leased)
            {
                var lease = new PackumentLease(db, at, owner, leased);
                return IsNewer(leased, known, (upstream, wanted.Freshness))
                    ? new FetchedPackument(new PackumentLookup(await lease.ReleaseAsync(deadline.Token), CacheState.Fetched))
                    : await AskAsync(upstream, name, lease, deadline.Token);
            }

            await Task.Delay(Leases.PauseAfter(round), clock, deadline.Token);

            // What failed for the holder failed for those who waited.
            var before = seen;
            seen = await FindAsync(db, at, deadline.Token);
            if (seen is not null && AnswerOf(seen, before) is { } answer)
            {
                return answer;
            }
        }
    }

    public void Dispose() => _parsing.Dispose();

    private static async Task<KnownPackument?> FindAsync(PackageDbContext db, PackumentAddress at, CancellationToken cancellationToken) =>
        (await db.KnownPackumentsAsync(at.Name, cancellationToken)).Find(row => row.Upstream == at.Upstream && row.Abbreviated == at.Abbreviated);

    /// <summary>What another process wrote since this one looked before.</summary>
    private static FetchedPackument? AnswerOf(KnownPackument now, KnownPackument? before) =>
        now.CheckedAt > (before?.CheckedAt ?? DateTimeOffset.MinValue) ? new FetchedPackument(new PackumentLookup(now, CacheState.Fetched))
        : now.FailedAt > (before?.FailedAt ?? DateTimeOffset.MinValue) ? new FetchedPackument(new PackumentLookup(null, CacheState.None, FailureText.Read(now.Upstream, now.Failure!)))
        : null;

    /// <summary>Somebody else has asked between this process's look at the row and its lease.</summary>
    private bool IsNewer(LeasedPackument leased, KnownPackument? known, (Upstream Upstream, Freshness Freshness) asked)
    {
        var cache = asked.Upstream.Config.Cache;
        return leased.Source == asked.Upstream.Source
            && leased.CheckedAt is { } at
            && at > (known?.CheckedAt ?? DateTimeOffset.MinValue)
            && clock.GetUtcNow() - at < (asked.Freshness == Freshness.Latest ? AtMostBehind : leased.Revision is null ? cache.NotFoundMaxAge : cache.MaxAge);
    }

    private async Task<FetchedPackument> AskAsync(Upstream upstream, PackageName name, PackumentLease lease, CancellationToken cancellationToken)
    {
        try
        {
            var query = new PackumentQuery
            {
                Name = name.Value,
                Abbreviated = lease.At.Abbreviated,
                Known = lease.IsOf(upstream) ? await lease.KnownAsync(upstream.Registry.MakesPackuments, cancellationToken) : null,
            };
            var asked = upstream.AskAsync((registry, token) => registry.FetchPackumentAsync(query, token), cancellationToken);
            var answer = await Leases.KeepWhileAsync(asked, () => lease.RenewAsync(cancellationToken), clock);
            return await KeepAsync(upstream, name, lease, answer, cancellationToken);
        }
        catch (RegistryException failed)
        {
            await lease.FailAsync(failed, cancellationToken);
            return new FetchedPackument(new PackumentLookup(null, CacheState.None, UpstreamFailure.Of(failed)));
        }
        catch
        {
            await lease.GiveBackAsync();
            throw;
        }
    }

    private async Task<FetchedPackument> KeepAsync(
        Upstream upstream, PackageName name, PackumentLease lease, PackumentAnswer answer, CancellationToken cancellationToken)
    {
        if (answer is PackumentAnswer.NotFound)
        {
            return new FetchedPackument(new PackumentLookup(await lease.SaveAsync(upstream.Source, null, clock.GetUtcNow(), cancellationToken), CacheState.Fetched));
        }

        if (answer is not PackumentAnswer.Found found)
        {
            return await ConfirmAsync(lease, cancellationToken);
        }

        var (kept, stored) = await ReadAsync(upstream, name, found.Packument, cancellationToken);
        if (lease.IsOf(upstream) && kept.Revision == lease.Leased.Revision && stored.Etag == lease.Leased.Etag)
        {
            return await ConfirmAsync(lease, cancellationToken);
        }

        var known = await lease.SaveAsync(upstream.Source, stored, clock.GetUtcNow(), cancellationToken);
        return new FetchedPackument(new PackumentLookup(known, CacheState.Fetched), kept);
    }

    private async Task<FetchedPackument> ConfirmAsync(PackumentLease lease, CancellationToken cancellationToken) =>
        new(new PackumentLookup(await lease.ConfirmAsync(clock.GetUtcNow(), cancellationToken), CacheState.Revalidated));

    private async Task<(KeptPackument Kept, StoredPackument Stored)> ReadAsync(
        Upstream upstream, PackageName name, Packument packument, CancellationToken cancellationToken)
    {
        await _parsing.WaitAsync(cancellationToken);
        try
        {
            var kept = new PackumentIntake(name, upstream.Registry.LinkOf).Read(packument.Json)
                ?? throw new RegistryException(upstream.Name, RegistryFailure.BadAnswer, $"has no version of '{name}' that could be installed.");
            return (kept, new StoredPackument(kept.Revision, kept.Compress(), packument.ETag, packument.LastModified, null));
        }
        catch (JsonException wrong)
        {
            throw new RegistryException(upstream.Name, RegistryFailure.BadAnswer, $"answered for '{name}' with something that is no packument.", wrong);
        }
        finally
        {
            _parsing.Release();
        }
    }
}

/// <summary>A failure as one column holds it.</summary>
internal static class FailureText
{
    /// <summary>Of a tarball that the upstream names and does not have.</summary>
    public const string Missing = "Missing";

    public static string Write(RegistryException failure) => $"{failure.Failure} {failure.Message}";

    public static UpstreamFailure Read(string upstream, string text) =>
        text.IndexOf(' ', StringComparison.Ordinal) is var at and > 0 && Enum.TryParse<RegistryFailure>(text.AsSpan(0, at), out var kind)
            ? new UpstreamFailure(upstream, kind, text[(at + 1)..])
            : new UpstreamFailure(upstream, RegistryFailure.Failed, text);
}
