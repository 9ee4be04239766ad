using System.Text.Json.Nodes;

using Registry.PackageService.Features.Publishing.Tarballs;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Publishing.Bodies;

/// <summary>npm's publish document: the checks of npm protocol 3.4, steps 1 to 6 and 8, in that order.</summary>
internal static class NpmDocument
{
    /// <summary>True when the document carries a tarball, or at least claims to.</summary>
    public static bool HasTarball(JsonObject document) =>
        document["_attachments"] is JsonObject attachments && attachments.Any(attachment => TarballPlace.IsTarball(attachment.Key));

    /// <summary>Turns a document and its tarball into a command.</summary>
    /// <param name="document">The document.</param>
    /// <param name="tarball">Its tarball.</param>
    /// <param name="expected">The name it has to be of; null when it says so itself.</param>
    /// <exception cref="BodyRefusedException">They break a rule or disagree.</exception>
    public static PublishCommand ToCommand(JsonObject document, ReceivedTarball tarball, PackageName? expected)
    {
        var urlName = expected ?? ReadName(document);
        CheckName(document, urlName);
        var listed = document["versions"] as JsonObject ?? new JsonObject();
        var (version, manifest) = ReadVersion(NewVersionIn(listed, tarball), urlName);
        CheckLength(document, tarball);
        CheckIntegrity(manifest, tarball);
        var contents = PublishedTarball.Accept(tarball, urlName, version);
        var merged = ManifestMerge.Merge(manifest, contents, urlName, version);
        var tag = ReadTag(document, version, isMerged: listed.Count > 1);
        var access = ReadAccess(document, urlName);
        return new PublishCommand(urlName, version, tag, merged, PublishedTarball.Describe(tarball, contents))
        {
            Readme = PublishedReadme.Choose([manifest, document], contents, out var filename),
            ReadmeFilename = filename,
            Access = access,
            Attestation = PublishedAttestation.Read(document, tarball, urlName, version),
            Listed = [.. listed.Select(one => one.Key).Where(one => one != version.Value)],
        };
    }

    private static PackageName ReadName(JsonObject document) =>
        PackageName.TryParse(document.Text("name"), out var name)
            ? name
            : throw BodyRefusedException.Invalid("invalid_name", "The document's name is missing or not a package name");

    /// <summary>npm 6 publishes into what it has read again (npm protocol 3.4, step 7): then the tarball tells which of the versions is new.</summary>
    private static KeyValuePair<string, JsonNode?> NewVersionIn(JsonObject versions, ReceivedTarball tarball)
    {
        if (versions.Count == 1)
        {
            return versions.First();
        }

        var candidates = versions.Count == 0 ? [] : PublishedTarball.VersionsIn(tarball);
        return versions.FirstOrDefault(version => candidates.Contains(version.Key)) is { Key: not null } found
            ? found
            : throw BodyRefusedException.Invalid("invalid_version", "The document must contain exactly one version, or among others that of its tarball");
    }

    private static void CheckName(JsonObject document, PackageName urlName)
    {
        var name = document.Text("name") ?? throw BodyRefusedException.Invalid("name_mismatch", "The document has no name");
        var id = document.Text("_id") ?? name;
        if (name != urlName.Value || id != urlName.Value)
        {
            throw BodyRefusedException.Invalid(
                "name_mismatch",
                $"The name in the URL is {urlName}, but the document's {(name != urlName.Value ? "name" : "_id")} is {JsonReading.Printable(name != urlName.Value ? name : id)}");
        }
    }

    private static (SemVersion Version, JsonObject Manifest) ReadVersion(KeyValuePair<string, JsonNode?> listed, PackageName name)
    {
        var (key, value) = listed;
        if (!SemVersion.TryParse(key, out var version))
        {
            throw BodyRefusedException.Invalid("invalid_version", $"{JsonReading.Printable(key)} is not a valid semantic version");
        }

        var manifest = value as JsonObject ?? throw BodyRefusedException.Invalid("invalid_document", $"versions.{key} must be an object");
        if (manifest.Text("version") != key)
        {
            throw BodyRefusedException.Invalid(
                "version_mismatch", $"versions.{key} has the version {JsonReading.Printable(manifest.Text("version") ?? "(none)")}");
        }

        return (manifest.Text("name") ?? name.Value) == name.Value
            ? (version, manifest)
            : throw BodyRefusedException.Invalid(
                "name_mismatch", $"The name in the URL is {name}, but the name in versions.{key} is {JsonReading.Printable(manifest.Text("name")!)}");
    }

    private static void CheckLength(JsonObject document, ReceivedTarball tarball)
    {
        var tarballs = document["_attachments"]!.AsObject().Where(attachment => TarballPlace.IsTarball(attachment.Key)).ToArray();
        if (tarballs.Length > 1)
        {
            throw BodyRefusedException.Invalid("second_tarball", "The document has more than one tarball among its attachments");
        }

        var (key, value) = tarballs[0];
        if (value?["length"] is not { } stated)
        {
            return;
        }

        if (stated is not JsonValue number || !number.TryGetValue<long>(out var length) || length != tarball.SizeBytes)
        {
            throw BodyRefusedException.Invalid(
                "length_mismatch", $"The attachment {JsonReading.Printable(key)} has {tarball.SizeBytes} bytes, which is not the length stated for it");
        }
    }

    private static void CheckIntegrity(JsonObject manifest, ReceivedTarball tarball)
    {
        var dist = manifest["dist"] as JsonObject;
        Check("dist.integrity", dist?.Text("integrity"), tarball.Integrity.Compare, tarball.Integrity.Sri);
        Check("dist.shasum", dist?.Text("shasum"), tarball.Integrity.CompareShasum, tarball.Integrity.Shasum);

        static void Check(string place, string? claim, Func<string, IntegrityMatch> compare, string actual)
        {
            var match = claim is null ? IntegrityMatch.Same : compare(claim);
            if (match != IntegrityMatch.Same)
            {
                throw BodyRefusedException.Invalid(
                    "integrity_mismatch",
                    match == IntegrityMatch.Unreadable
                        ? $"The {place} of the document cannot be read"
                        : $"The tarball does not match its {place}: it is {actual}, the document says {JsonReading.Printable(claim!)}");
            }
        }
    }

    /// <summary>The tag to move: the only one, or in a document of npm 6 that lists them all, the one that names the new version.</summary>
    private static DistTagName ReadTag(JsonObject document, SemVersion version, bool isMerged)
    {
        if (document["dist-tags"] is not { } value)
        {
            return DistTagName.Latest;
        }

        var tags = value as JsonObject ?? throw BodyRefusedException.Invalid("invalid_tag", "The document's dist-tags must be an object with one tag");
        var named = tags.Select(tag => tag.Key).Where(tag => !isMerged || tags.TextOrNull(tag) == version.Value).ToList();
        if (named.Count == 0 && tags.Count == 0)
        {
            return DistTagName.Latest;
        }

        if (named.Count != 1)
        {
            throw BodyRefusedException.Invalid("invalid_tag", "The document's dist-tags must be an object with one tag that names the new version");
        }

        var text = named[0];
        if (!DistTagName.TryParse(text, out var tag))
        {
            throw BodyRefusedException.Invalid(
                "invalid_tag", $"{JsonReading.Printable(text)} is not a valid dist-tag: it must need no escaping in a URL and not look like a version or range");
        }

        return tags.Text(text) == version.Value
            ? tag
            : throw BodyRefusedException.Invalid("invalid_tag", $"The dist-tag {text} must name the version that is published, {version}");
    }

    private static RequestedAccess ReadAccess(JsonObject document, PackageName name) =>
        document.Text("access") switch
        {
            null => RequestedAccess.Default,
            "public" => RequestedAccess.Public,
            "restricted" when name.Scope is not null => RequestedAccess.Restricted,
            "restricted" => throw BodyRefusedException.Invalid("access_needs_scope", $"Only scoped packages can be restricted, and {name} has no scope"),
            _ => throw BodyRefusedException.Invalid("invalid_access", "The access must be public or restricted"),
        };
}
