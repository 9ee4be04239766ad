using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Packuments;

/// <summary>Reads the full document of one version.</summary>
internal sealed class ReadVersion(PackageDbContext db, CompleteVersions completion)
{
    /// <summary>The document as UTF-8 JSON; null when the version or dist-tag names nothing.</summary>
    public async Task<byte[]?> ExecuteAsync(long packageId, PackageName name, string versionOrTag, string publicUrl, CancellationToken cancellationToken)
    {
        if (await db.ResolveVersionAsync(packageId, versionOrTag, cancellationToken) is not { } version)
        {
            return null;
        }

        var query = db.StoredVersions(packageId, PackumentForm.Full, version);
        var stored = await query.SingleOrDefaultAsync(cancellationToken);
        if (stored is { IsComplete: false })
        {
            await completion.OfPackageAsync(packageId, cancellationToken);
            stored = await query.SingleOrDefaultAsync(cancellationToken);
        }

        return stored is null
            ? null
            : new VersionStitcher(PackumentForm.Full, name, publicUrl, await db.MaintainersOfAsync(packageId, cancellationToken)).Stitch(stored).ToArray();
    }
}
