using Registry.Contracts.Http.Auth;
using Registry.PackageService.Auth;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Publishing;

/// <summary>Whether somebody may publish, asked before the transaction: a slow AuthService must not hold locks.</summary>
internal sealed class PublishAdmission(PackageAccess access, AuthClient auth)
{
    /// <summary>Asks, and claims a scope that nobody owns.</summary>
    /// <returns>What AuthService said of the scope, null when the package is there and nobody was asked; or why nothing may be published.</returns>
    /// <exception cref="HttpRequestException">AuthService could not be asked about the scope.</exception>
    /// <exception cref="TimeoutException">AuthService took too long.</exception>
    public async Task<(ClaimScopeResponse? Claim, PublishOutcome.Refused? Refused)> AskAsync(
        PublishCommand command, Publisher publisher, CancellationToken cancellationToken)
    {
        var found = await access.FindForPublishAsync(publisher.Repository, command.Name, publisher.Caller, cancellationToken);
        if (found.Refusal is { } refusal)
        {
            return (null, new PublishOutcome.Refused(refusal));
        }

        var claim = found.Exists ? null
            : command.Name.Scope is { } scope ? await auth.ClaimScopeAsync(scope, publisher.Caller.UserId!, cancellationToken)
            : new ClaimScopeResponse(true);
        return claim is not { Granted: false } || publisher.Caller.IsAdministrator
            ? (claim, null)
            : (null, new PublishOutcome.Refused(new Refusal(
                RefusalReason.Forbidden, "scope_not_yours", $"The scope @{command.Name.Scope} belongs to somebody else, so you cannot create {command.Name} in it")));
    }
}
