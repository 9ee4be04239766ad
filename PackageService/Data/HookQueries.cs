using Microsoft.EntityFrameworkCore;

namespace Registry.PackageService.Data;

/// <summary>The SQL of hooks: what makes deliveries, takes them, and ends them. Time is the database's, for several processes share the work.</summary>
internal static class HookQueries
{
    private const int ChangesAtATime = 500;
    private const int MostWaiting = 1000;
    private const int MostLogged = 50;
    private const int LoggedDays = 30;
    private const int LeaseSeconds = 60;
    private const int MostForgotten = 10_000;
    private const int HooksOfUser = 0x686F6F6B; // "hook": class of the advisory locks on an account's hooks

    /// <summary>Lets one request at a time add a hook to an account.</summary>
    public static Task LockHooksOfAsync(this PackageDbContext db, string userId, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({HooksOfUser}, hashtext({userId}))", cancellationToken);

    /// <summary>
    /// Turns the next changes into deliveries and moves on behind them, in one statement; does nothing while another process does. A hook hears
    /// nothing from before it was made, and nothing more while <see cref="MostWaiting"/> deliveries wait for it.
    /// </summary>
    /// <returns>False when there is nothing to do.</returns>
    public static async Task<bool> MakeDeliveriesAsync(this PackageDbContext db, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync(
            $"""
            WITH at AS (SELECT position FROM hook_position FOR UPDATE SKIP LOCKED),
            page AS (SELECT c.* FROM changes c WHERE c.position > (SELECT position FROM at) ORDER BY c.position LIMIT {ChangesAtATime}),
            made AS (
                INSERT INTO hook_deliveries (hook_id, position, attempts, created_at, due_at)
                SELECT h.id, c.position, 0, now(), now()
                FROM page c JOIN hooks h ON h.repository = c.repository AND c.occurred_at >= h.created_at AND (
                    (h.type = 'package' AND h.name = c.package)
                    OR (h.type = 'scope' AND c.package LIKE '@%' AND h.name = split_part(c.package, '/', 1))
                    OR (h.type = 'owner' AND EXISTS (
                        SELECT 1 FROM packages p JOIN repositories r ON r.id = p.repository_id JOIN maintainers m ON m.package_id = p.id
                        WHERE r.name = c.repository AND p.name = c.package AND m.user_name = h.name)))
                WHERE (SELECT count(*) FROM hook_deliveries d WHERE d.hook_id = h.id AND d.ended_at IS NULL) < {MostWaiting}
                ORDER BY c.position -- deliveries are made, told and listed in the order of what happened
                ON CONFLICT DO NOTHING
            )
            UPDATE hook_position SET position = (SELECT max(position) FROM page) WHERE EXISTS (SELECT 1 FROM page)
            """,
            cancellationToken) > 0;

    /// <summary>Takes deliveries that are due, one for each host, none for hosts that are busy; nobody else takes them for a minute.</summary>
    public static async Task<List<LeasedDelivery>> LeaseDeliveriesAsync(
        this PackageDbContext db, IReadOnlyCollection<string> busyHosts, int most, CancellationToken cancellationToken)
    {
        var busy = busyHosts.ToArray();
        var ids = await db.Database
            .SqlQuery<long>($"""
                UPDATE hook_deliveries SET due_at = now() + make_interval(secs => {LeaseSeconds})
                WHERE ended_at IS NULL AND due_at <= now() AND id IN (
                    SELECT id FROM (
                        SELECT DISTINCT ON (h.host) d.id, d.due_at FROM hook_deliveries d JOIN hooks h ON h.id = d.hook_id
                        WHERE d.ended_at IS NULL AND d.due_at <= now() AND h.host <> ALL({busy})
                        ORDER BY h.host, d.due_at, d.id) AS first
                    ORDER BY due_at LIMIT {most})
                RETURNING id AS "Value"
                """)
            .ToListAsync(cancellationToken);
        return ids.Count == 0
            ? []
            : await (
                from d in db.HookDeliveries.AsNoTracking()
                join h in db.Hooks.AsNoTracking() on d.HookId equals h.Id
                join c in db.Changes.AsNoTracking() on d.Position equals c.Position
                where ids.Contains(d.Id)
                select new LeasedDelivery(d.Id, d.Attempts, h, c))
                .ToListAsync(cancellationToken);
    }

    /// <summary>The teams that a package was given to.</summary>
    public static Task<List<string>> TeamsGivenAsync(this PackageDbContext db, string repository, string package, CancellationToken cancellationToken) =>
        (from p in db.Packages
         join r in db.Repositories on p.RepositoryId equals r.Id
         join g in db.Grants on p.Id equals g.PackageId
         where r.Name == repository && p.Name == package
         select g.TeamId)
        .ToListAsync(cancellationToken);

    /// <summary>Forgets a delivery of what the hook's owner may not read.</summary>
    public static Task<int> DropDeliveryAsync(this PackageDbContext db, long id, CancellationToken cancellationToken) =>
        db.HookDeliveries.Where(d => d.Id == id).ExecuteDeleteAsync(cancellationToken);

    /// <summary>Writes how an attempt ended, and when the next is due, if there is one.</summary>
    public static Task<int> EndAttemptAsync(
        this PackageDbContext db, LeasedDelivery delivery, (int? ResponseCode, string? Failure) answer, TimeSpan? retryIn, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            WITH ended AS (
                UPDATE hook_deliveries SET attempts = attempts + 1, attempted_at = now(), response_code = {answer.ResponseCode}, failure = {answer.Failure},
                    due_at = now() + make_interval(secs => {retryIn?.TotalSeconds ?? 0}), ended_at = CASE WHEN {retryIn == null} THEN now() END
                WHERE id = {delivery.Id}
            )
            UPDATE hooks SET last_delivery_at = now(), response_code = {answer.ResponseCode}, failure = {answer.Failure} WHERE id = {delivery.Hook.Id}
            """,
            cancellationToken);

    /// <summary>The log of a hook, the newest first: what was tried.</summary>
    public static Task<List<LoggedDelivery>> DeliveriesOfAsync(this PackageDbContext db, Guid hook, CancellationToken cancellationToken) =>
        (from d in db.HookDeliveries.AsNoTracking()
         join c in db.Changes.AsNoTracking() on d.Position equals c.Position
         where d.HookId == hook && d.AttemptedAt != null
         orderby d.Id descending
         select new LoggedDelivery(d, c))
        .Take(MostLogged)
        .ToListAsync(cancellationToken);

    /// <summary>Forgets deliveries that ended, beyond the last of each hook and after a month.</summary>
    public static Task<int> ForgetDeliveriesAsync(this PackageDbContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            DELETE FROM hook_deliveries WHERE id IN (
                SELECT id FROM (
                    SELECT id, ended_at, row_number() OVER (PARTITION BY hook_id ORDER BY id DESC) AS place FROM hook_deliveries WHERE ended_at IS NOT NULL) AS d
                WHERE place > {MostLogged} OR ended_at < now() - make_interval(days => {LoggedDays}) LIMIT {MostForgotten})
            """,
            cancellationToken);
}

/// <summary>A delivery in the hands of the one who makes it.</summary>
/// <param name="Id">Which.</param>
/// <param name="Attempts">How often it was tried before.</param>
/// <param name="Hook">Where to.</param>
/// <param name="Change">What of.</param>
internal sealed record LeasedDelivery(long Id, int Attempts, HookRow Hook, ChangeRow Change);

/// <summary>A delivery as it was made, and of what.</summary>
internal sealed record LoggedDelivery(HookDeliveryRow Delivery, ChangeRow Change);
