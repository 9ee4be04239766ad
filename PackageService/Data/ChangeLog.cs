using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Events;
using Registry.Messaging;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Data;

/// <summary>
/// Appends to the feed <c>changes</c>. Positions become visible in their own order, without gaps that fill later: one
/// advisory transaction lock is held from before a position is drawn until the transaction has ended, so a reader that has
/// seen a position has seen, or never will see, every lower one.
/// </summary>
internal sealed class ChangeLog(PackageDbContext db, TimeProvider clock)
{
    /// <summary>Key of the advisory lock: "changes" in ASCII.</summary>
    internal const long LockKey = 0x63_68_61_6E_67_65_73;

    /// <inheritdoc cref="AppendAsync(string, Package, Happening, CancellationToken)"/>
    public Task<ChangeRow> AppendAsync(
        string repository, Package package, PackageChangeKind kind, string? version, CancellationToken cancellationToken) =>
        AppendAsync(repository, package, new Happening(kind, version), cancellationToken);

    /// <summary>
    /// Appends as the last statement of the transaction that changed the package: the change, the package's revision, and the
    /// event in the outbox. What is pending in the context is written before the lock is taken.
    /// </summary>
    /// <param name="repository">The repository's name.</param>
    /// <param name="package">The package; when it was removed in this transaction, only its name is used.</param>
    /// <param name="happening">What happened.</param>
    /// <param name="cancellationToken">Gives up; the transaction is then rolled back.</param>
    public async Task<ChangeRow> AppendAsync(
        string repository, Package package, Happening happening, CancellationToken cancellationToken)
    {
        var (kind, version, detail) = happening;
        await db.SaveChangesAsync(cancellationToken);
        var change = new ChangeRow
        {
            EventId = Guid.CreateVersion7(),
            OccurredAt = clock.GetDatabaseNow(),
            Repository = repository,
            Package = package.Name,
            Kind = kind,
            Version = version,
            Detail = detail,
            IsPublic = kind != PackageChangeKind.Removed && package.Visibility == Visibility.Public,
        };
        var happened = new PackageChanged(change.EventId, change.OccurredAt, repository, package.Name, kind, version, 0); // the position is set by the statement
        change.Position = await db.AppendChangeAsync(change, package.Id, Outbox.RowOf(happened), cancellationToken);
        package.Revision = change.Position;
        package.ModifiedAt = change.OccurredAt > package.ModifiedAt ? change.OccurredAt : package.ModifiedAt;
        if (db.Entry(package) is { State: not EntityState.Detached } kept)
        {
            kept.OriginalValues.SetValues(package); // as the statement wrote it
            kept.State = EntityState.Unchanged;
        }

        return change;
    }
}

/// <summary>Time as the database keeps it.</summary>
internal static class DatabaseClock
{
    /// <summary>Now, cut to microseconds: what is written is what is read back.</summary>
    public static DateTimeOffset GetDatabaseNow(this TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
