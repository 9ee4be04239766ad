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
    /// <exception cref="HttpRequestException">AuthService could not be asked about the scope; nothing was changed.</exception>
    /// <exception cref="TimeoutException">AuthService or the database took too long; nothing was changed.</exception>
    public async Task<PublishOutcome> ExecuteAsync(PublishCommand command, Publisher publisher, CancellationToken cancellationToken)
    {
        var (claim, refused) = await admission.AskAsync(command, publisher, cancellationToken);
        var outcome = refused
            ?? await transaction.RunAsync(token => decision.DecideAsync(command, publisher, claim, token), cancellationToken)
            ?? new PublishOutcome.Refused(Refusal.Unavailable);
        metrics.Published(outcome);
        return outcome;
    }
}
