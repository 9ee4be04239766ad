using Registry.Contracts.Http.Auth;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Publishing;

/// <summary>How a batch ended.</summary>
internal abstract record BatchOutcome
{
    private BatchOutcome()
    {
    }

    /// <summary>All versions are there.</summary>
    /// <param name="Revs">By package: npm's <c>_rev</c>.</param>
    internal sealed record Published(IReadOnlyDictionary<PackageName, string> Revs) : BatchOutcome;

    /// <summary>None is.</summary>
    /// <param name="Name">The package it failed with.</param>
    /// <param name="Outcome">How.</param>
    internal sealed record Refused(PackageName Name, PublishOutcome Outcome) : BatchOutcome;
}

/// <summary>Publishes versions of several packages, all or none: one transaction, in which the packages are locked in one order.</summary>
internal sealed class PublishBatch(PublishAdmission admission, PublishDecision decision, PackageTransaction transaction, PackageMetrics metrics)
{
    /// <summary>Publishes.</summary>
    /// <exception cref="HttpRequestException">AuthService could not be asked about a scope; nothing was changed.</exception>
    /// <exception cref="TimeoutException">AuthService or the database took too long; nothing was changed.</exception>
    public async Task<BatchOutcome> ExecuteAsync(IReadOnlyList<PublishCommand> commands, Publisher publisher, CancellationToken cancellationToken)
    {
        // As spellings that look alike are locked first, they come first: two batches never wait for each other.
        var ordered = commands.OrderBy(c => c.Name.Folded, StringComparer.Ordinal).ThenBy(c => c.Name.Value, StringComparer.Ordinal).ToList();
        var (asked, refused) = await AskAsync(ordered, publisher, cancellationToken);
        var outcome = refused
            ?? await transaction.RunAsync(token => DecideAsync(asked, publisher, token), cancellationToken)
            ?? new BatchOutcome.Refused(ordered[0].Name, new PublishOutcome.Refused(Refusal.Unavailable));
        Count(outcome, commands.Count);
        return outcome;
    }

    private async Task<(IReadOnlyList<(PublishCommand Command, ClaimScopeResponse? Claim)> Asked, BatchOutcome? Refused)> AskAsync(
        List<PublishCommand> commands, Publisher publisher, CancellationToken cancellationToken)
    {
        if (commands.GroupBy(c => c.Name).FirstOrDefault(group => group.Count() > 1) is { Key: { } name })
        {
            return ([], Refuse(name, new Refusal(RefusalReason.Invalid, "package_repeated", $"The package {name} is in the batch more than once")));
        }

        var asked = new List<(PublishCommand, ClaimScopeResponse?)>();
        foreach (var command in commands)
        {
            var (claim, refused) = await admission.AskAsync(command, publisher, null, cancellationToken);
            if (refused is not null)
            {
                return ([], new BatchOutcome.Refused(command.Name, refused));
            }

            asked.Add((command, claim));
        }

        return (asked, null);
    }

    private async Task<Decision<BatchOutcome>> DecideAsync(
        IReadOnlyList<(PublishCommand Command, ClaimScopeResponse? Claim)> asked, Publisher publisher, CancellationToken cancellationToken)
    {
        var revs = new Dictionary<PackageName, string>();
        var written = new List<(Package Package, PublishCommand Command)>();
        foreach (var (command, claim) in asked)
        {
            switch (await decision.WriteAsync(command, publisher, claim, cancellationToken))
            {
                case ({ } package, _):
                    written.Add((package, command));
                    break;
                case (_, PublishOutcome.Published earlier): // the request is a repeat
                    revs[command.Name] = earlier.Rev;
                    break;
                case (_, var ended):
                    return new Decision<BatchOutcome>(new BatchOutcome.Refused(command.Name, ended!));
            }
        }

        ChangeRow? last = null; // after all packages are locked: the feed's lock is the last that anybody takes
        foreach (var (package, command) in written)
        {
            last = await decision.AppendAsync(package, command, publisher, cancellationToken);
            revs[command.Name] = package.Rev;
        }

        return new Decision<BatchOutcome>(new BatchOutcome.Published(revs), last);
    }

    private static BatchOutcome.Refused Refuse(PackageName name, Refusal refusal) => new(name, new PublishOutcome.Refused(refusal));

    private void Count(BatchOutcome outcome, int count)
    {
        for (var i = 0; i < count; i++)
        {
            metrics.Published(outcome is BatchOutcome.Refused refused ? refused.Outcome : new PublishOutcome.Published(0, ""));
        }
    }
}
