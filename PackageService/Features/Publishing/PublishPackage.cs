using Registry.Contracts.Http.Auth;
using Registry.PackageService.Auth;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Publishing;

/// <summary>
/// Publishes a version whose tarball is stored: one transaction, in which the package is locked. The loser of a race takes
/// nothing away, since publishing deletes no blob.
/// </summary>
internal sealed class PublishPackage(
    PackageAccess access, AuthClient auth, PublishDecision decision, PackageTransaction transaction, PackageMetrics metrics)
{
    /// <summary>Publishes.</summary>
    /// <exception cref="HttpRequestException">AuthService could not be asked about the scope; nothing was changed.</exception>
    /// <exception cref="TimeoutException">AuthService or the database took too long; nothing was changed.</exception>
    public async Task<PublishOutcome> ExecuteAsync(PublishCommand command, Publisher publisher, CancellationToken cancellationToken)
    {
        var outcome = await DecideAsync(command, publisher, cancellationToken);
        metrics.Published(outcome);
        return outcome;
    }

    private async Task<PublishOutcome> DecideAsync(PublishCommand command, Publisher publisher, CancellationToken cancellationToken)
    {
        var found = await access.FindForPublishAsync(publisher.Repository, command.Name, publisher.Caller, cancellationToken);
        if (found.Refusal is { } refusal)
        {
            return new PublishOutcome.Refused(refusal);
        }

        // Asked outside the transaction: a slow AuthService must not hold locks.
        var claim = found.Exists ? null
            : command.Name.Scope is { } scope ? await auth.ClaimScopeAsync(scope, publisher.Caller.UserId!, cancellationToken)
            : new ClaimScopeResponse(true);
        if (claim is { Granted: false } && !publisher.Caller.IsAdministrator)
        {
            return new PublishOutcome.Refused(new Refusal(
                RefusalReason.Forbidden, "scope_not_yours", $"The scope @{command.Name.Scope} belongs to somebody else, so you cannot create {command.Name} in it"));
        }

        return await transaction.RunAsync(token => decision.DecideAsync(command, publisher, claim, token), cancellationToken)
            ?? new PublishOutcome.Refused(Refusal.Unavailable);
    }
}
