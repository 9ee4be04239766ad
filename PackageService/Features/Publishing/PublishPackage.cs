using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Publishing;

/// <summary>
/// Publishes a version whose tarball is stored: one transaction, in which the package is locked. The loser of a race takes
/// nothing away, since publishing deletes no blob.
/// </summary>
internal sealed class PublishPackage(
    PublishAdmission admission, PublishDecision decision, PackageTransaction transaction, PackageMetrics metrics)
{
    /// <summary>Publishes.</summary>
    /// <param name="command">What to publish.</param>
    /// <param name="publisher">Who, and where.</param>
    /// <param name="exists">What was found before the body was read, as for <see cref="PublishAdmission.AskAsync"/>; looked at again under the lock.</param>
    /// <param name="cancellationToken">Gives up until the commit begins, not after.</param>
    /// <exception cref="HttpRequestException">AuthService could not be asked about the scope; nothing was changed.</exception>
    /// <exception cref="TimeoutException">AuthService or the database took too long; nothing was changed.</exception>
    public async Task<PublishOutcome> ExecuteAsync(PublishCommand command, Publisher publisher, bool? exists, CancellationToken cancellationToken)
    {
        var (claim, refused) = await admission.AskAsync(command, publisher, exists, cancellationToken);
        var outcome = refused
            ?? await transaction.RunAsync(token => decision.DecideAsync(command, publisher, claim, token), cancellationToken)
            ?? new PublishOutcome.Refused(Refusal.Unavailable);
        metrics.Published(outcome);
        return outcome;
    }
}
