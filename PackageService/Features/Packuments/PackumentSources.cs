using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Data;
using Registry.PackageService.Packages;
using Registry.PackageService.Proxying;

namespace Registry.PackageService.Features.Packuments;

/// <summary>Writes packuments from where they come from: the packages of this registry, and what is kept of upstreams.</summary>
internal sealed class PackumentSources(IDbContextFactory<PackageDbContext> contexts, CompleteVersions completion, ProxiedPackuments proxied)
{
    /// <summary>Writes the document of a package published here; null when it does not exist any more.</summary>
    public async Task<WrittenPackument?> WriteAsync(long packageId, PackumentForm form, string publicUrl, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await new PackumentWriter(db, completion).WriteAsync(packageId, form, publicUrl, cancellationToken);
    }

    /// <summary>Writes the document of a package an upstream has; null when it is not kept any more.</summary>
    public async Task<WrittenPackument?> WriteAsync(
        Proxied.Found found, PackageName name, PackumentForm form, string publicUrl, CancellationToken cancellationToken) =>
        await proxied.ReadAsync(found, name, cancellationToken) is { } body
            ? new WrittenPackument(
                new ProxiedPackumentWriter(name, publicUrl, found.Upstream.Config.Rules).Write(body.Json, form),
                body.Revision,
                found.Known.ChangedAt ?? DateTimeOffset.UnixEpoch)
            : null;

    /// <summary>What tells the document of an upstream from all others.</summary>
    public static string OriginOf(Proxied.Found found, PackageName name) =>
        $"upstream {found.Upstream.Name} {name} {found.Known.Abbreviated} {found.Upstream.RulesKey}";
}
