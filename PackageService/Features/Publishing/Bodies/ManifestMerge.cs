using System.Text.Json.Nodes;

using Registry.PackageService.Features.Publishing.Tarballs;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Publishing.Bodies;

/// <summary>
/// Makes the manifest that is kept from the one that was sent and the package.json in the tarball. Whoever reads the
/// manifest decides by it what to install and run, so in every member that matters for that the tarball wins.
/// </summary>
internal static class ManifestMerge
{
    // Ours, or about the publisher's machine; some clients leave them in by mistake.
    private static readonly HashSet<string> Dropped =
        ["name", "version", "dist", "readme", "readmeFilename", "integrity", "shasum", "tarballUrl", "checksum", "publishedAt", "size", "downloads"];

    private static readonly HashSet<string> KeptUnderscores = ["_nodeVersion", "_npmVersion"];

    /// <summary>Merges.</summary>
    /// <param name="sent">The manifest the publisher sent; may hold as little as a name and a version.</param>
    /// <param name="contents">What is in the tarball.</param>
    /// <param name="name">The package.</param>
    /// <param name="version">The version.</param>
    public static JsonObject Merge(JsonObject sent, TarballContents contents, PackageName name, SemVersion version)
    {
        var manifest = new JsonObject { ["name"] = name.Value, ["version"] = version.Value, ["_id"] = $"{name}@{version}" };
        foreach (var (key, value) in sent.Where(member => IsKept(member.Key) || KeptUnderscores.Contains(member.Key)))
        {
            manifest[key] = value?.DeepClone();
        }

        foreach (var (key, value) in contents.PackageJson.Where(member => IsKept(member.Key) && !manifest.ContainsKey(member.Key)))
        {
            manifest[key] = value?.DeepClone();
        }

        MergeInstallation(manifest, sent, contents, name);
        manifest["_hasShrinkwrap"] = contents.HasShrinkwrap;
        return manifest;
    }

    private static bool IsKept(string key) =>
        !key.StartsWith('_') && !Dropped.Contains(key) && !InstallationMembers.All.Contains(key);

    private static void MergeInstallation(JsonObject manifest, JsonObject sent, TarballContents contents, PackageName name)
    {
        var claimed = InstallationMembers.Of(sent, name);
        var actual = InstallationMembers.Of(contents.PackageJson, name);
        InstallationMembers.AddStartScript(claimed, contents);
        InstallationMembers.AddStartScript(actual, contents);
        if (InstallationMembers.AddGypScript(actual, contents))
        {
            manifest["gypfile"] = true;
        }

        InstallationMembers.KeepBinOfFolder(claimed, actual);
        foreach (var key in InstallationMembers.All)
        {
            // Of bin the one form is kept, as its paths are clean.
            var agreed = key != "bin" && claimed[key] is not null && JsonNode.DeepEquals(claimed[key], actual[key]) && sent[key] is not null;
            if ((agreed ? sent[key] : actual[key]) is { } value)
            {
                manifest[key] = value.DeepClone();
            }
        }
    }
}
