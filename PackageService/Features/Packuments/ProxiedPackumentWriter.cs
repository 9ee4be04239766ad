using System.Buffers;
using System.Text.Json;

using Registry.PackageService.Packages;
using Registry.PackageService.Proxying;
using Registry.Upstreams;

namespace Registry.PackageService.Features.Packuments;

/// <summary>Writes a packument that is kept of an upstream: with our links, and without what rules keep out.</summary>
internal sealed class ProxiedPackumentWriter(PackageName name, string publicUrl, PackageRules rules)
{
    /// <summary>Writes the document.</summary>
    /// <exception cref="JsonException">What is kept is damaged.</exception>
    public byte[] Write(ReadOnlyMemory<byte> kept, PackumentForm form)
    {
        var buffer = new ArrayBufferWriter<byte>(Math.Max(kept.Length, 256));
        using (var writer = new Utf8JsonWriter(buffer, ManifestJson.WriterOptions))
        {
            var reader = new Utf8JsonReader(kept.Span, KeptPackument.ReaderOptions);
            var visible = new List<string>();
            reader.Read();
            writer.WriteStartObject();
            while (KeptPackument.NextMember(ref reader) is { } member)
            {
                if (member == "versions")
                {
                    WriteVersions(ref reader, writer, form, visible);
                }
                else
                {
                    WriteMember(writer, member, JsonElement.ParseValue(ref reader), (form, visible));
                }
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private void WriteVersions(ref Utf8JsonReader reader, Utf8JsonWriter writer, PackumentForm form, List<string> visible)
    {
        writer.WriteStartObject("versions");
        while (KeptPackument.NextMember(ref reader) is { } version)
        {
            var manifest = JsonElement.ParseValue(ref reader);
            if (rules.Judge(name.Value, version) is null)
            {
                visible.Add(version);
                writer.WritePropertyName(version);
                WriteVersion(writer, version, manifest, form);
            }
        }

        writer.WriteEndObject();
    }

    private void WriteVersion(Utf8JsonWriter writer, string version, JsonElement manifest, PackumentForm form)
    {
        var link = VersionDocument.TarballUrl(publicUrl, name, version);
        if (form == PackumentForm.Full)
        {
            ManifestCopy.Write(writer, manifest, link, static _ => true);
            return;
        }

        // An upstream may answer with the full document whatever it is asked for.
        var addsScriptMark = !manifest.TryGetProperty("hasInstallScript", out _) && VersionDocument.RunsScriptOnInstall(manifest);
        ManifestCopy.Write(writer, manifest, link, VersionDocument.IsAbbreviated, addsScriptMark ? "hasInstallScript" : null);
    }

    private void WriteMember(Utf8JsonWriter writer, string member, JsonElement value, (PackumentForm Form, List<string> Visible) document)
    {
        if (member == "dist-tags")
        {
            writer.WriteStartObject(member);
            foreach (var (tag, version) in ProxiedTags.Of(value, document.Visible))
            {
                writer.WriteString(tag, version);
            }

            writer.WriteEndObject();
        }
        else if (member == "time")
        {
            WriteTimes(writer, value);
        }
        else if (document.Form == PackumentForm.Full || member is "name" or "modified")
        {
            writer.WritePropertyName(member);
            value.WriteTo(writer);
        }
    }

    private void WriteTimes(Utf8JsonWriter writer, JsonElement times)
    {
        writer.WriteStartObject("time");
        if (times.ValueKind == JsonValueKind.Object)
        {
            foreach (var time in times.EnumerateObject().Where(time => time.Name is "created" or "modified" || rules.Judge(name.Value, time.Name) is null))
            {
                time.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }
}
