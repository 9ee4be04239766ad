using Registry.Contracts.Http.Packages;
using Registry.Messaging.Changes;
using Registry.SearchService.Index;

namespace Registry.SearchService.Indexing;

/// <summary>
/// Keeps the index in use equal to what PackageService says. Its position belongs to the index: another index (the engine lost its
/// data, or a rebuild was switched to) goes on from where that one stands.
/// <para>Another epoch (PackageService's database was restored) puts an empty index in its place and fills it from the start of the
/// feed: until that is done searches find less, which <c>/health</c> shows as degraded, but never something that is not there.</para>
/// </summary>
internal sealed class IndexChangedPackages(IndexKeeper keeper, ReindexPackages reindex) : IChangesHandler
{
    private StandingIndex? _standing;

    /// <summary>The index it writes to; null before the first.</summary>
    public Guid? Identity => Volatile.Read(ref _standing)?.Identity;

    public async Task<ChangesPosition?> LoadPositionAsync(CancellationToken cancellationToken)
    {
        var standing = await keeper.OpenAsync(IndexRole.Live, cancellationToken);
        await keeper.ReplaceOutdatedAsync(standing, cancellationToken);
        return Stand(standing);
    }

    public Task ApplyAsync(IReadOnlyList<Change> changes, CancellationToken cancellationToken) =>
        reindex.ExecuteAsync(IndexRole.Live, changes, cancellationToken);

    public async Task SavePositionAsync(ChangesPosition position, CancellationToken cancellationToken) =>
        Stand(await keeper.AdvanceAsync(_standing!, position, cancellationToken) ?? throw new PositionMovedException());

    public async Task<ChangesPosition?> ResetAsync(Guid epoch, CancellationToken cancellationToken) =>
        Stand(await keeper.ReplaceAsync(epoch, cancellationToken));

    private ChangesPosition Stand(StandingIndex standing)
    {
        Volatile.Write(ref _standing, standing);
        return standing.Position;
    }
}
