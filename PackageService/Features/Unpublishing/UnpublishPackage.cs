using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Events;
using Registry.Contracts.Http;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Unpublishing;

/// <summary>How removing a package ended.</summary>
internal abstract record UnpublishOutcome
{
    private UnpublishOutcome()
    {
    }

    /// <summary>It is gone, and its versions' numbers are retired.</summary>
    internal sealed record Removed : UnpublishOutcome;

    /// <summary>It is not; nothing was changed.</summary>
    internal sealed record Refused(Refusal Refusal) : UnpublishOutcome;
}

/// <summary>
/// Removes a whole package. Its versions leave tombstones, so that no number is ever given out again; their blobs stay until
/// collection finds that nothing refers to them.
/// </summary>
internal sealed class UnpublishPackage(
    PackageDbContext db, PackageAccess access, ChangeLog changes, PackageTransaction transaction, TimeProvider clock)
{
    /// <summary>Removes the package.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="name">The package.</param>
    /// <param name="rev">The <c>_rev</c> the caller has seen; another one is a conflict.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<UnpublishOutcome> ExecuteAsync(
        string repository, PackageName name, string rev, Caller caller, CancellationToken cancellationToken) =>
        await transaction.RunAsync(token => DecideAsync(repository, name, rev, caller, token), cancellationToken)
        ?? new UnpublishOutcome.Refused(Refusal.Unavailable);

    private async Task<Decision<UnpublishOutcome>> DecideAsync(
        string repository, PackageName name, string rev, Caller caller, CancellationToken cancellationToken)
    {
        var (package, refusal) = await access.LockForChangeAsync(repository, name, caller, cancellationToken);
        if (refusal is null && !string.Equals(rev, package!.Rev, StringComparison.Ordinal))
        {
            refusal = new Refusal(RefusalReason.Conflict, "revision_conflict", "Document update conflict: the package was changed in the meantime");
        }

        if (refusal is not null)
        {
            return new Decision<UnpublishOutcome>(new UnpublishOutcome.Refused(refusal));
        }

        await db.EntombAsync(package!, caller.UserName!, clock.GetDatabaseNow(), cancellationToken);
        await db.Packages.Where(p => p.Id == package!.Id).ExecuteDeleteAsync(cancellationToken);
        db.Entry(package!).State = EntityState.Detached;
        var change = await changes.AppendAsync(repository, package!, PackageChangeKind.Removed, null, cancellationToken);
        return new Decision<UnpublishOutcome>(new UnpublishOutcome.Removed(), change);
    }
}
