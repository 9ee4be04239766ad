using System.Buffers;
using System.Data;
using System.Text.Json;

using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Http.Packages;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Packuments;

/// <summary>A package as it was at one moment, written out.</summary>
/// <param name="Body">UTF-8 JSON.</param>
/// <param name="Rev">The revision the document shows.</param>
/// <param name="ModifiedAt">When that was made.</param>
internal sealed record WrittenPackument(ReadOnlyMemory<byte> Body, string Rev, DateTimeOffset ModifiedAt);

/// <summary>Puts a packument together from one snapshot of the database, version by version.</summary>
internal sealed class PackumentWriter(PackageDbContext db, CompleteVersions completion)
{
    private static readonly string[] LiftedMembers =
        ["description", "homepage", "keywords", "repository", "author", "contributors", "bugs", "license"];

    /// <summary>Writes the document; null when the package does not exist any more.</summary>
    public async Task<WrittenPackument?> WriteAsync(
        long packageId, PackumentForm form, string publicUrl, CancellationToken cancellationToken)
    {
        await using var snapshot = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        if (await db.Packages.AsNoTracking().SingleOrDefaultAsync(p => p.Id == packageId, cancellationToken) is not { } package)
        {
            return null;
        }

        var versions = await db.StoredVersions(packageId, form).ToListAsync(cancellationToken);
        if (versions.Exists(version => !version.IsComplete))
        {
            await snapshot.DisposeAsync();
            await completion.OfPackageAsync(packageId, cancellationToken);
            return await WriteAsync(packageId, form, publicUrl, cancellationToken);
        }

        return new WrittenPackument(
            form == PackumentForm.Full
                ? WriteFull(package, versions, await ReadRestAsync(package, cancellationToken), publicUrl)
                : WriteAbbreviated(package, versions, await ReadTagsAsync(packageId, cancellationToken), publicUrl),
            package.Rev,
            package.ModifiedAt);
    }

    private Task<List<DistTag>> ReadTagsAsync(long packageId, CancellationToken cancellationToken) =>
        db.DistTags.AsNoTracking().Where(t => t.PackageId == packageId).OrderBy(t => t.Tag).ToListAsync(cancellationToken);

    private async Task<Rest> ReadRestAsync(Package package, CancellationToken cancellationToken)
    {
        var tags = await ReadTagsAsync(package.Id, cancellationToken);
        var latest = tags.Find(t => t.Tag == DistTagName.Latest.Value)?.Version;
        var manifest = await db.Versions.Where(v => v.PackageId == package.Id && v.Version == latest).Select(v => v.Manifest).SingleOrDefaultAsync(cancellationToken);
        return new Rest(
            tags,
            await db.MaintainersOfAsync(package.Id, cancellationToken),
            await db.StarsOfAsync(package.Id, cancellationToken),
            await db.ReadmeOfLatestAsync(package.Id, cancellationToken),
            manifest ?? "{}");
    }

    private static ReadOnlyMemory<byte> WriteFull(Package package, List<StoredVersion> versions, Rest rest, string publicUrl) => Write(versions, writer =>
    {
        writer.WriteString("_id", package.Name);
        writer.WriteString("_rev", package.Rev);
        writer.WriteString("name", package.Name);
        WriteTags(writer, rest.Tags);
        WriteVersions(writer, versions, new VersionStitcher(PackumentForm.Full, PackageName.Parse(package.Name), publicUrl, rest.Maintainers));
        WriteTimes(writer, package, versions);
        writer.WritePropertyName("maintainers");
        VersionStitcher.WriteMaintainers(writer, rest.Maintainers);
        writer.WriteStartObject("users");
        foreach (var user in rest.Stars)
        {
            writer.WriteBoolean(user, true);
        }

        writer.WriteEndObject();
        WriteLifted(writer, rest.Latest);
        writer.WriteString("readme", rest.Readme?.Text ?? "");
        writer.WriteString("readmeFilename", rest.Readme?.Filename ?? "");
        writer.WriteStartObject("_attachments");
        writer.WriteEndObject();
    });

    private static ReadOnlyMemory<byte> WriteAbbreviated(Package package, List<StoredVersion> versions, List<DistTag> tags, string publicUrl) => Write(versions, writer =>
    {
        writer.WriteString("name", package.Name);
        writer.WriteString("modified", VersionDocument.TextOf(package.ModifiedAt));
        WriteTags(writer, tags);
        WriteVersions(writer, versions, new VersionStitcher(PackumentForm.Abbreviated, PackageName.Parse(package.Name), publicUrl, []));
        WriteTimes(writer, package, versions);
    });

    private static ReadOnlyMemory<byte> Write(List<StoredVersion> versions, Action<Utf8JsonWriter> write)
    {
        var length = versions.Sum(version => (long)version.Head!.Length + version.Dist!.Length + 512);
        var buffer = new ArrayBufferWriter<byte>((int)Math.Clamp(length, 4096, 256 * 1024 * 1024));
        using (var writer = new Utf8JsonWriter(buffer, ManifestJson.WriterOptions))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void WriteTags(Utf8JsonWriter writer, List<DistTag> tags)
    {
        writer.WriteStartObject("dist-tags");
        foreach (var tag in tags)
        {
            writer.WriteString(tag.Tag, tag.Version);
        }

        writer.WriteEndObject();
    }

    private static void WriteVersions(Utf8JsonWriter writer, List<StoredVersion> versions, VersionStitcher stitcher)
    {
        writer.WriteStartObject("versions");
        foreach (var version in versions)
        {
            writer.WritePropertyName(version.Version);
            writer.WriteRawValue(stitcher.Stitch(version), skipInputValidation: true);
        }

        writer.WriteEndObject();
    }

    /// <summary>In both forms: it saves pnpm its second, full download, and it must name every version.</summary>
    private static void WriteTimes(Utf8JsonWriter writer, Package package, List<StoredVersion> versions)
    {
        writer.WriteStartObject("time");
        writer.WriteString("created", VersionDocument.TextOf(package.CreatedAt));
        writer.WriteString("modified", VersionDocument.TextOf(package.ModifiedAt));
        foreach (var version in versions)
        {
            writer.WriteString(version.Version, VersionDocument.TextOf(version.PublishedAt));
        }

        writer.WriteEndObject();
    }

    private static void WriteLifted(Utf8JsonWriter writer, string latest)
    {
        using var manifest = ManifestJson.Parse(latest);
        foreach (var member in LiftedMembers)
        {
            if (manifest.RootElement.TryGetProperty(member, out var value))
            {
                writer.WritePropertyName(member);
                value.WriteTo(writer);
            }
        }
    }

    /// <summary>What the full document says of the package beside its versions.</summary>
    private sealed record Rest(List<DistTag> Tags, IReadOnlyList<Person> Maintainers, IReadOnlyList<string> Stars, VersionReadme? Readme, string Latest);
}
