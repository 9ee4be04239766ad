using Microsoft.Extensions.Options;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;
using Registry.PackageService.Signing;

namespace Registry.PackageService.Features.Publishing;

/// <summary>The rows a publish adds: a package, and a version with everything its documents are put together from.</summary>
internal sealed class PublishedRows(SigningKeys keys, IOptions<PublishingOptions> options, TimeProvider clock)
{
    /// <summary>A package that its publisher maintains.</summary>
    public NewPackage PackageOf(NewPlace place, PublishCommand command, (Caller Caller, TeamReference? Developers) owners)
    {
        var (caller, developers) = owners;
        var now = clock.GetDatabaseNow();
        var package = new Package
        {
            Id = place.PackageId,
            RepositoryId = place.RepositoryId,
            Name = command.Name.Value,
            FoldedName = command.Name.Folded,
            Visibility = VisibilityOf(command),
            CreatedAt = now,
            ModifiedAt = now,
        };
        return new NewPackage(
            package,
            new Maintainer { PackageId = package.Id, UserId = caller.UserId!, UserName = caller.UserName!, Email = caller.Email },

            // The members of an organisation look after its packages together (npm protocol 3.7).
            developers is null ? null : new Grant { PackageId = package.Id, Scope = developers.Scope, Team = developers.Name, TeamId = developers.Id, CanWrite = true });
    }

    /// <summary>Who may read a package that is published like this.</summary>
    public Visibility VisibilityOf(PublishCommand command) =>
        (command.Name.Scope, command.Access) switch
        {
            (null, _) or (_, RequestedAccess.Public) => Visibility.Public,
            (_, RequestedAccess.Restricted) => Visibility.Restricted,
            _ => options.Value.DefaultScopedAccess == DefaultScopedAccess.Public ? Visibility.Public : Visibility.Restricted,
        };

    /// <summary>A version, signed.</summary>
    public async Task<NewVersion> VersionOfAsync(Package package, PublishCommand command, Publisher publisher, CancellationToken cancellationToken)
    {
        var row = RowOf(package, command, publisher);
        var fragments = new VersionFragments { ProvenanceType = command.Attestation?.PredicateType };
        (await keys.CurrentAsync(cancellationToken)).Sign(fragments, row, command.Name);
        VersionDocument.Write(fragments, row, command.Name);
        return new NewVersion(
            row,
            fragments,
            command.Tag,
            command.Readme is { } readme ? new VersionReadme { Text = readme, Filename = command.ReadmeFilename } : null,
            command.Attestation is { } attestation ? new Attestation { PredicateType = attestation.PredicateType, Bundle = attestation.Json } : null);
    }

    private PackageVersion RowOf(Package package, PublishCommand command, Publisher publisher) => new()
    {
        PackageId = package.Id,
        Version = command.Version.Value,
        SortKey = command.Version.SortKey,
        Manifest = command.Manifest.ToJsonString(),
        Digest = command.Tarball.Digest,
        SizeBytes = command.Tarball.SizeBytes,
        Integrity = command.Tarball.Integrity,
        Shasum = command.Tarball.Shasum,
        FileCount = command.Tarball.FileCount,
        UnpackedSizeBytes = command.Tarball.UnpackedSizeBytes,
        PublishedAt = clock.GetDatabaseNow(),
        PublisherId = publisher.Caller.UserId!,
        PublisherName = publisher.Caller.UserName!,
        PublisherEmail = publisher.Caller.Email,
        CredentialId = publisher.Caller.CredentialId,
        NpmSession = publisher.Session,
    };
}
