using Microsoft.Extensions.Options;

using Registry.Contracts.Http.Auth;
using Registry.PackageService.Auth;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Publishing;

/// <summary>Whether somebody may publish, asked before the transaction: a slow AuthService must not hold locks.</summary>
internal sealed class PublishAdmission(PackageAccess access, AuthClient auth, IOptions<PublishingOptions> options)
{
    /// <summary>What is known of a publish from its name alone; see <see cref="PackageAccess.FindForPublishAsync"/>.</summary>
    public Task<(bool Exists, Refusal? Refusal)> FindAsync(PackageName name, Publisher publisher, CancellationToken cancellationToken) =>
        access.FindForPublishAsync(publisher.Repository, name, publisher.Caller, options.Value.NewNames, cancellationToken);

    /// <summary>Asks, and claims a scope that nobody owns.</summary>
    /// <param name="command">What is to be published.</param>
    /// <param name="publisher">Who, and where.</param>
    /// <param name="exists">Whether the package was found to be there and the caller free to publish, before the body was read; null when nobody looked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What AuthService said of the scope, null when the package is there and nobody was asked; or why nothing may be published.</returns>
    /// <exception cref="HttpRequestException">AuthService could not be asked about the scope.</exception>
    /// <exception cref="TimeoutException">AuthService took too long.</exception>
    public async Task<(ClaimScopeResponse? Claim, PublishOutcome.Refused? Refused)> AskAsync(
        PublishCommand command, Publisher publisher, bool? exists, CancellationToken cancellationToken)
    {
        if (exists is null)
        {
            (exists, var refusal) = await FindAsync(command.Name, publisher, cancellationToken);
            if (refusal is not null)
            {
                return (null, new PublishOutcome.Refused(refusal));
            }
        }

        var claim = exists.Value ? null
            : command.Name.Scope is { } scope ? await auth.ClaimScopeAsync(scope, publisher.Caller.UserId!, cancellationToken)
            : new ClaimScopeResponse(true);
        return claim is not { Granted: false } || publisher.Caller.IsAdministrator
            ? (claim, null)
            : (null, new PublishOutcome.Refused(new Refusal(
                RefusalReason.Forbidden, "scope_not_yours", $"The scope @{command.Name.Scope} belongs to somebody else, so you cannot create {command.Name} in it")));
    }
}
