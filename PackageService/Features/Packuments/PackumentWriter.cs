using System.Data;
using System.Text.Json;

using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Packuments;

/// <summary>A package as it was at one moment, written out.</summary>
/// <param name="Body">UTF-8 JSON.</param>
/// <param name="Rev">The revision the document shows.</param>
/// <param name="ModifiedAt">When that was made.</param>
internal sealed record WrittenPackument(byte[] Body, string Rev, DateTimeOffset ModifiedAt);

/// <summary>Writes a packument from one snapshot of the database, version by version.</summary>
internal sealed class PackumentWriter(PackageDbContext db)
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

        var tags = await db.DistTags.AsNoTracking().Where(t => t.PackageId == packageId)
            .OrderBy(t => t.Tag).ToDictionaryAsync(t => t.Tag, t => t.Version, cancellationToken);
        var context = new VersionContext(publicUrl, PackageName.Parse(package.Name), await db.MaintainersOfAsync(packageId, cancellationToken));

        using var buffer = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(buffer, ManifestJson.WriterOptions))
        {
            writer.WriteStartObject();
            WriteHead(writer, package, form, tags);
            using var latest = await WriteVersionsAsync(writer, package, form, context, tags.GetValueOrDefault("latest"), cancellationToken);
            if (form == PackumentForm.Full)
            {
                WriteTail(writer, package, context, latest);
            }

            writer.WriteEndObject();
        }

        return new WrittenPackument(buffer.ToArray(), package.Rev, package.ModifiedAt);
    }

    private static void WriteHead(Utf8JsonWriter writer, Package package, PackumentForm form, Dictionary<string, string> tags)
    {
        if (form == PackumentForm.Full)
        {
            writer.WriteString("_id", package.Name);
            writer.WriteString("_rev", package.Rev);
        }

        writer.WriteString("name", package.Name);
        if (form == PackumentForm.Abbreviated)
        {
            writer.WriteString("modified", VersionDocument.TextOf(package.ModifiedAt));
        }

        writer.WriteStartObject("dist-tags");
        foreach (var (tag, version) in tags)
        {
            writer.WriteString(tag, version);
        }

        writer.WriteEndObject();
    }

    /// <returns>The manifest that <c>latest</c> names, for the caller to dispose.</returns>
    private async Task<JsonDocument?> WriteVersionsAsync(
        Utf8JsonWriter writer, Package package, PackumentForm form, VersionContext context, string? latest, CancellationToken cancellationToken)
    {
        var times = new List<(string Version, DateTimeOffset PublishedAt)>();
        JsonDocument? latestManifest = null;
        writer.WriteStartObject("versions");
        var versions = db.Versions.AsNoTracking().Where(v => v.PackageId == package.Id).OrderBy(v => v.SortKey).ThenBy(v => v.Version);
        await foreach (var version in versions.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            var manifest = ManifestJson.Parse(version.Manifest);
            times.Add((version.Version, version.PublishedAt));
            writer.WritePropertyName(version.Version);
            if (form == PackumentForm.Full)
            {
                VersionDocument.WriteFull(writer, version, manifest.RootElement, context);
            }
            else
            {
                VersionDocument.WriteAbbreviated(writer, version, manifest.RootElement, context);
            }

            if (version.Version == latest)
            {
                latestManifest = manifest;
            }
            else
            {
                manifest.Dispose();
            }
        }

        writer.WriteEndObject();
        WriteTimes(writer, package, times);
        return latestManifest;
    }

    /// <summary>In both forms: it saves pnpm its second, full download, and it must name every version.</summary>
    private static void WriteTimes(Utf8JsonWriter writer, Package package, List<(string Version, DateTimeOffset PublishedAt)> times)
    {
        writer.WriteStartObject("time");
        writer.WriteString("created", VersionDocument.TextOf(package.CreatedAt));
        writer.WriteString("modified", VersionDocument.TextOf(package.ModifiedAt));
        foreach (var (version, publishedAt) in times)
        {
            writer.WriteString(version, VersionDocument.TextOf(publishedAt));
        }

        writer.WriteEndObject();
    }

    private static void WriteTail(Utf8JsonWriter writer, Package package, VersionContext context, JsonDocument? latest)
    {
        VersionDocument.WriteMaintainers(writer, context.Maintainers);
        foreach (var member in LiftedMembers)
        {
            if (latest is not null && latest.RootElement.TryGetProperty(member, out var value))
            {
                writer.WritePropertyName(member);
                value.WriteTo(writer);
            }
        }

        writer.WriteString("readme", package.Readme ?? "");
        writer.WriteString("readmeFilename", package.ReadmeFilename ?? "");
        writer.WriteStartObject("users");
        writer.WriteEndObject();
        writer.WriteStartObject("_attachments");
        writer.WriteEndObject();
    }
}
