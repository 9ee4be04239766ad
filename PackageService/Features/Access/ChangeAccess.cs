using Registry.Contracts.Events;
using Registry.Contracts.Http;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Access;

/// <summary>What is to change; null stays as it is.</summary>
internal sealed record AccessChange(Visibility? Visibility, bool? PublishRequiresTfa, bool? AutomationTokenOverridesTfa);

/// <summary>How a change of a package's access ended.</summary>
internal abstract record ChangeAccessOutcome
{
    private ChangeAccessOutcome()
    {
    }

    /// <summary>The package is as asked for.</summary>
    internal sealed record Done(Package Package) : ChangeAccessOutcome;

    /// <summary>It is not; nothing was changed.</summary>
    internal sealed record Refused(Refusal Refusal) : ChangeAccessOutcome;
}

/// <summary>Changes who may read a package, and what publishing it demands (npm protocol 3.7).</summary>
internal sealed class ChangeAccess(PackageAccess access, ChangeLog changes, PackageTransaction transaction)
{
    public async Task<ChangeAccessOutcome> ExecuteAsync(
        string repository, PackageName name, AccessChange change, Caller caller, CancellationToken cancellationToken) =>
        name.Scope is null && change.Visibility is not null
            ? new ChangeAccessOutcome.Refused(new Refusal(RefusalReason.Invalid, "access_needs_scope", $"Only scoped packages can be restricted: {name} is always public"))
            : await transaction.RunAsync(token => DecideAsync(repository, name, change, caller, token), cancellationToken)
                ?? new ChangeAccessOutcome.Refused(Refusal.Unavailable);

    private async Task<Decision<ChangeAccessOutcome>> DecideAsync(
        string repository, PackageName name, AccessChange change, Caller caller, CancellationToken cancellationToken)
    {
        var (package, refusal) = await access.LockForChangeAsync(repository, name, caller, cancellationToken);
        if (refusal is not null)
        {
            return new Decision<ChangeAccessOutcome>(new ChangeAccessOutcome.Refused(refusal));
        }

        var done = new ChangeAccessOutcome.Done(package!);
        return Apply(package!, change)
            ? new Decision<ChangeAccessOutcome>(done, await changes.AppendAsync(repository, package!, PackageChangeKind.Access, null, cancellationToken))
            : new Decision<ChangeAccessOutcome>(done);
    }

    private static bool Apply(Package package, AccessChange change)
    {
        var before = (package.Visibility, package.PublishRequiresTfa, package.AutomationTokenOverridesTfa);
        package.Visibility = change.Visibility ?? package.Visibility;
        package.PublishRequiresTfa = change.PublishRequiresTfa ?? package.PublishRequiresTfa;
        package.AutomationTokenOverridesTfa = change.AutomationTokenOverridesTfa ?? package.AutomationTokenOverridesTfa;
        return before != (package.Visibility, package.PublishRequiresTfa, package.AutomationTokenOverridesTfa);
    }
}
