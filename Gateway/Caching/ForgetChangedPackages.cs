using Registry.Contracts.Http.Packages;
using Registry.Messaging.Changes;

namespace Registry.Gateway.Caching;

/// <summary>
/// Keeps the memory of answers in step with the feed of changes. Memory starts empty with the process, so the feed is
/// followed from its head and its position is nowhere kept.
/// </summary>
internal sealed class ForgetChangedPackages(AnswerMemory memory) : IChangesHandler
{
    public Task<ChangesPosition?> LoadPositionAsync(CancellationToken cancellationToken) => Task.FromResult<ChangesPosition?>(null);

    public void See(ChangesPage page) => memory.UseUpstreams(page.Upstreams);

    public Task ApplyAsync(IReadOnlyList<Change> changes, CancellationToken cancellationToken)
    {
        foreach (var change in changes)
        {
            memory.Evict(change.Repository, change.Package);
        }

        return Task.CompletedTask;
    }

    public Task SavePositionAsync(ChangesPosition position, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<ChangesPosition?> ResetAsync(Guid epoch, CancellationToken cancellationToken)
    {
        memory.Clear();
        return Task.FromResult<ChangesPosition?>(null);
    }
}
