using Registry.PackageService.Data;
using Registry.Upstreams;

namespace Registry.PackageService.Proxying;

/// <summary>The right to ask an upstream for a packument, and what was known of it when it was taken. Each way to end it writes what came of it.</summary>
internal sealed class PackumentLease(PackageDbContext db, PackumentAddress at, Guid owner, LeasedPackument leased)
{
    public PackumentAddress At => at;

    public LeasedPackument Leased => leased;

    /// <summary>What is known came from where the upstream is now.</summary>
    public bool IsOf(Upstream upstream) => leased.Source == upstream.Source && leased.Revision is not null;

    /// <summary>What the upstream is told that we know.</summary>
    public async Task<Packument> KnownAsync(bool withJson, CancellationToken cancellationToken) =>
        new(
            withJson && await db.PackumentBodyAsync(at, cancellationToken) is { } stored ? KeptPackument.Expand(stored.Body) : default,
            leased.Etag,
            leased.LastModified);

    public Task RenewAsync(CancellationToken cancellationToken) => db.RenewPackumentLeaseAsync(at, owner, cancellationToken);

    /// <summary>Nothing was asked: what was known holds.</summary>
    public async Task<KnownPackument> ReleaseAsync(CancellationToken cancellationToken)
    {
        await db.ReleasePackumentAsync(at, owner, cancellationToken);
        return Known(leased.Source, leased.Revision, leased.CheckedAt, leased.ChangedAt);
    }

    /// <summary>The upstream has what it had.</summary>
    public async Task<KnownPackument> ConfirmAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        Held(await db.ConfirmPackumentAsync(at, owner, cancellationToken));
        return Known(leased.Source, leased.Revision, now, leased.ChangedAt);
    }

    /// <summary>The upstream has something new, or has no such package.</summary>
    public async Task<KnownPackument> SaveAsync(string source, StoredPackument? stored, DateTimeOffset now, CancellationToken cancellationToken)
    {
        Held(await db.SavePackumentAsync(at, owner, source, stored, cancellationToken));
        return Known(source, stored?.Revision, now, now);
    }

    /// <summary>The upstream could not be asked; what was known stays.</summary>
    public Task FailAsync(RegistryException failure, CancellationToken cancellationToken) =>
        db.FailPackumentAsync(at, owner, FailureText.Write(failure), cancellationToken);

    /// <summary>Nothing came of it, for a reason that is not the upstream's.</summary>
    public Task GiveBackAsync() => Leases.GiveBackAsync(token => db.ReleasePackumentAsync(at, owner, token));

    /// <summary>What was not written must not be promised: somebody else has the lease by now and writes.</summary>
    private static void Held(int rows)
    {
        if (rows == 0)
        {
            throw new TimeoutException("The lease of a packument was over before its answer was written.");
        }
    }

    private KnownPackument Known(string source, string? revision, DateTimeOffset? checkedAt, DateTimeOffset? changedAt) =>
        new(at.Upstream, at.Abbreviated, source, revision, checkedAt, changedAt, null, null, null);
}
