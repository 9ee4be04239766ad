using Registry.PackageService.Packages;

namespace Registry.PackageService.Data;

/// <summary>
/// A change of an existing package: locks it, sees whether the caller may, has the change made, and appends what happened to the feed, in one
/// transaction.
/// </summary>
internal sealed class PackageChange(PackageAccess access, ChangeLog changes, PackageTransaction transaction)
{
    /// <summary>Changes a package that the caller may write.</summary>
    /// <param name="target">The package.</param>
    /// <param name="change">Makes the change under the lock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<ChangeOutcome> ExecuteAsync(
        ChangeTarget target, Func<Package, CancellationToken, Task<Changed>> change, CancellationToken cancellationToken) =>
        RunAsync(target, access.LockForChangeAsync, change, cancellationToken);

    /// <summary>Changes what a reader of the package may change of it.</summary>
    /// <inheritdoc cref="ExecuteAsync"/>
    public Task<ChangeOutcome> ExecuteAsReaderAsync(
        ChangeTarget target, Func<Package, CancellationToken, Task<Changed>> change, CancellationToken cancellationToken) =>
        RunAsync(target, access.LockForReaderAsync, change, cancellationToken);

    private async Task<ChangeOutcome> RunAsync(
        ChangeTarget target, LockAsync lockAsync, Func<Package, CancellationToken, Task<Changed>> change, CancellationToken cancellationToken) =>
        await transaction.RunAsync(token => DecideAsync(target, lockAsync, change, token), cancellationToken)
        ?? new ChangeOutcome.Refused(Refusal.Unavailable);

    private async Task<Decision<ChangeOutcome>> DecideAsync(
        ChangeTarget target, LockAsync lockAsync, Func<Package, CancellationToken, Task<Changed>> change, CancellationToken cancellationToken)
    {
        var (package, refusal) = await lockAsync(target.Repository, target.Name, target.Caller, cancellationToken);
        if (refusal is null && !target.Allows(package!))
        {
            refusal = Refusal.RevisionConflict;
        }

        var changed = refusal is null ? await change(package!, cancellationToken) : new Changed(Refusal: refusal);
        if (changed.Refusal is not null)
        {
            return new Decision<ChangeOutcome>(new ChangeOutcome.Refused(changed.Refusal));
        }

        ChangeRow? last = null;
        foreach (var happening in changed.Happenings ?? [])
        {
            last = await changes.AppendAsync(target.Repository, package!, happening, cancellationToken);
        }

        return new Decision<ChangeOutcome>(new ChangeOutcome.Done(changed.IsGone ? null : package!.Rev), last);
    }

    private delegate Task<(Package? Package, Refusal? Refusal)> LockAsync(
        string repository, PackageName name, Contracts.Http.Caller caller, CancellationToken cancellationToken);
}

/// <summary>What a change came to.</summary>
/// <param name="Happenings">What happened, in order; none when the package was so already.</param>
/// <param name="Refusal">Why nothing was changed.</param>
/// <param name="IsGone">The package does not exist any more.</param>
internal sealed record Changed(IReadOnlyList<Happening>? Happenings = null, Refusal? Refusal = null, bool IsGone = false)
{
    /// <summary>It was so already.</summary>
    public static Changed Nothing { get; } = new();

    /// <summary>One thing happened.</summary>
    public static Changed By(Happening happening) => new([happening]);

    /// <summary>It may not be so.</summary>
    public static Changed Not(RefusalReason reason, string code, string message) => new(Refusal: new Refusal(reason, code, message));
}
