using Registry.PackageService.Features.Publishing.Tarballs;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Publishing.Bodies;

/// <summary>Holds a received tarball against the version it is published as.</summary>
internal static class PublishedTarball
{
    /// <summary>The contents, when they were accepted and are of this name and version (npm protocol 3.4, step 4).</summary>
    public static TarballContents Accept(ReceivedTarball tarball, PackageName name, SemVersion version)
    {
        if (tarball.Inspection is InspectionOutcome.Rejected rejected)
        {
            throw new BodyRefusedException(rejected.Refusal.Status, rejected.Refusal.Code, rejected.Refusal.Message);
        }

        var contents = ((InspectionOutcome.Accepted)tarball.Inspection).Contents;
        var packageName = contents.PackageJson.TextOrNull("name") ?? "(none)";
        var packageVersion = contents.PackageJson.TextOrNull("version") ?? "(none)";
        return packageName.Trim() == name.Value && (packageVersion == version.Value || Clean(packageVersion) == version.Value)
            ? contents
            : throw BodyRefusedException.Invalid(
                "manifest_mismatch",
                $"The tarball contains {JsonReading.Printable(packageName)}@{JsonReading.Printable(packageVersion)}, but is published as {name}@{version}");
    }

    /// <summary>What the version may be called whose tarball this is: as its package.json has it, or cleaned as npm does.</summary>
    public static IReadOnlyList<string> VersionsIn(ReceivedTarball tarball) =>
        (tarball.Inspection as InspectionOutcome.Accepted)?.Contents.PackageJson.TextOrNull("version") is { } version ? [version, Clean(version)] : [];

    /// <summary>What is stored of the tarball.</summary>
    public static StoredTarball Describe(ReceivedTarball tarball, TarballContents contents) =>
        new(
            tarball.Integrity.Digest,
            tarball.SizeBytes,
            tarball.Integrity.Sri,
            tarball.Integrity.Shasum,
            contents.FileCount,
            contents.UnpackedSizeBytes);

    /// <summary>npm publishes "v1.0.0+build" in package.json as 1.0.0.</summary>
    private static string Clean(string version)
    {
        var trimmed = version.Trim().TrimStart('=', 'v').TrimStart();
        var build = trimmed.IndexOf('+', StringComparison.Ordinal);
        return build < 0 ? trimmed : trimmed[..build];
    }
}
