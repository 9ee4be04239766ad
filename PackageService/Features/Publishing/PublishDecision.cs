using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Events;
using Registry.Contracts.Http.Auth;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Publishing;

/// <summary>What a publish does inside its transaction: looks again at everything under the package's lock, then writes.</summary>
internal sealed class PublishDecision(
    PackageDbContext db, PackageAccess access, ChangeLog changes, PublishedRows rows, TimeProvider clock)
{
    private static readonly TimeSpan RepeatWithin = TimeSpan.FromMinutes(10);

    /// <summary>Decides.</summary>
    /// <param name="command">What to publish.</param>
    /// <param name="publisher">Who, and where.</param>
    /// <param name="claim">What AuthService said of the scope; null when the package was there, and nobody was asked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Decision<PublishOutcome>> DecideAsync(
        PublishCommand command, Publisher publisher, ClaimScopeResponse? claim, CancellationToken cancellationToken)
    {
        var (package, ended) = await WriteAsync(command, publisher, claim, cancellationToken);
        if (ended is not null)
        {
            return new Decision<PublishOutcome>(ended);
        }

        var change = await AppendAsync(package!, command, publisher, cancellationToken);
        return new Decision<PublishOutcome>(PublishedAs(package!), change);
    }

    /// <summary>The outcome for a package whose change was appended.</summary>
    public static PublishOutcome.Published PublishedAs(Package package) => new(package.Revision, package.Rev);

    /// <summary>Looks at everything under the lock and writes the version; what it changed is appended afterwards.</summary>
    /// <returns>The package, locked; or how the publish ended without a change.</returns>
    public async Task<(Package? Package, PublishOutcome? Ended)> WriteAsync(
        PublishCommand command, Publisher publisher, ClaimScopeResponse? claim, CancellationToken cancellationToken)
    {
        var (package, created, refusal) = await FindOrNameAsync(command, publisher, claim, cancellationToken);
        if (refusal is not null)
        {
            return (null, new PublishOutcome.Refused(refusal));
        }

        var added = await rows.VersionOfAsync(package!, command, publisher, cancellationToken);
        var taken = created is null
            ? await db.FindTakenAsync(package!, command.Version.Value, cancellationToken)
            : await db.AddPackageAsync(created, added, cancellationToken);
        if ((EndedBy(taken, package!, command, publisher) ?? await FindUnknownAsync(package!, command, cancellationToken)) is { } ended)
        {
            return (null, ended);
        }

        if (created is null)
        {
            package!.Visibility = command.Access == RequestedAccess.Default ? package.Visibility : rows.VisibilityOf(command); // said with --access
            await db.AddVersionAsync(added, cancellationToken);
        }

        return (package, null);
    }

    /// <summary>Appends what <see cref="WriteAsync"/> wrote.</summary>
    public Task<ChangeRow> AppendAsync(Package package, PublishCommand command, Publisher publisher, CancellationToken cancellationToken) =>
        changes.AppendAsync(publisher.Repository, package, PackageChangeKind.Published, command.Version.Value, cancellationToken);

    /// <summary>The package, locked; or the one to be created, with the lock on its name; or why there is neither.</summary>
    private async Task<(Package? Package, NewPackage? Created, Refusal? Refusal)> FindOrNameAsync(
        PublishCommand command, Publisher publisher, ClaimScopeResponse? claim, CancellationToken cancellationToken)
    {
        // The scope was asked for because the package was not there: then it is looked for below.
        if (claim is null && await LockAsync(command, publisher, cancellationToken) is { Package: not null } existing)
        {
            return existing;
        }

        // Two first publishes of one name, or of names that look alike, go one after the other.
        if (await db.LockNewNameAsync(publisher.Repository, command.Name, cancellationToken) is not { } place)
        {
            return (null, null, Refusal.NotFound);
        }

        if (place.LookAlikes.Contains(command.Name.Value))
        {
            return await LockAsync(command, publisher, cancellationToken);
        }

        if (claim is null || place.LookAlikes.Count > 0)
        {
            return (null, null, claim is null ? Refusal.Unavailable : TooSimilar(command.Name)); // it was there a moment ago: the scope has not been asked for
        }

        var created = rows.PackageOf(place, command, (publisher.Caller, claim.Developers));
        return (created.Package, created, null);
    }

    private async Task<(Package? Package, NewPackage? Created, Refusal? Refusal)> LockAsync(
        PublishCommand command, Publisher publisher, CancellationToken cancellationToken)
    {
        var (package, refusal) = await access.LockForChangeAsync(publisher.Repository, command.Name, publisher.Caller, cancellationToken);
        return (package, null, refusal);
    }

    private static Refusal TooSimilar(PackageName name) =>
        new(RefusalReason.Forbidden, "name_too_similar", $"The name {name} is too similar to an existing package; choose another one");

    private PublishOutcome? EndedBy(TakenVersion existing, Package package, PublishCommand command, Publisher publisher)
    {
        if (existing.WasRemoved)
        {
            return new PublishOutcome.VersionExists(command.Version, true);
        }

        if (existing.Digest is null)
        {
            return null;
        }

        // npm repeats a PUT whose answer it did not see: it must not meet its own version and report a conflict.
        var isRepeat = existing.CredentialId is not null && existing.CredentialId == publisher.Caller.CredentialId
            && existing.NpmSession is not null && existing.NpmSession == publisher.Session
            && existing.Digest == command.Tarball.Digest
            && clock.GetUtcNow() - existing.PublishedAt <= RepeatWithin;
        return isRepeat
            ? new PublishOutcome.Published(package.Revision, package.Rev)
            : new PublishOutcome.VersionExists(command.Version, false);
    }

    /// <summary>Versions that are listed beside the new one must be there: what is not would be a second new one, without a tarball.</summary>
    private async Task<PublishOutcome?> FindUnknownAsync(Package package, PublishCommand command, CancellationToken cancellationToken)
    {
        if (command.Listed.Count == 0)
        {
            return null;
        }

        var found = await db.Versions.CountAsync(v => v.PackageId == package.Id && command.Listed.Contains(v.Version), cancellationToken);
        return found == command.Listed.Count ? null : new PublishOutcome.Refused(new Refusal(
            RefusalReason.Invalid, "invalid_version", "The document must contain exactly one new version, the one whose tarball is attached"));
    }
}
