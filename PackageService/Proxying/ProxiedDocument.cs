using System.Globalization;
using System.Text.Json;

using Registry.PackageService.Packages;
using Registry.Upstreams;

namespace Registry.PackageService.Proxying;

/// <summary>A packument of an upstream, for those who want one version of it; many may read it at once.</summary>
internal sealed class ProxiedDocument
{
    private readonly HashSet<string> _visible;
    private readonly PackageRules _rules;
    private readonly PackageName _name;

    public ProxiedDocument(JsonElement root, PackageName name, PackageRules rules)
    {
        Root = root;
        _name = name;
        _rules = rules;
        Versions = [.. root.GetProperty("versions").EnumerateObject().Select(static version => version.Name).Where(version => rules.Judge(name.Value, version) is null)];
        _visible = Versions.ToHashSet(StringComparer.Ordinal);
        Tags = ProxiedTags.Of(root.GetProperty("dist-tags"), Versions);
    }

    /// <summary>The versions that may come from the upstream, in its order.</summary>
    public IReadOnlyList<string> Versions { get; }

    /// <summary>Its dist-tags.</summary>
    public IReadOnlyList<(string Tag, string Version)> Tags { get; }

    /// <summary>The whole of it.</summary>
    public JsonElement Root { get; }

    /// <summary>Why a version may not come from here; null when it may, or there is no such version.</summary>
    public PackageBlock? BlockOf(string version) =>
        Root.GetProperty("versions").TryGetProperty(version, out _) ? _rules.Judge(_name.Value, version) : null;

    /// <summary>The manifest that a version or dist-tag names; null when it names none.</summary>
    public (string Version, JsonElement Manifest)? Find(string versionOrTag)
    {
        var version = Tags.FirstOrDefault(tag => tag.Tag == versionOrTag).Version ?? versionOrTag;
        return _visible.Contains(version) ? (version, Root.GetProperty("versions").GetProperty(version)) : null;
    }

    /// <summary>When a version was published, if the upstream says so.</summary>
    public DateTimeOffset? PublishedAt(string version) =>
        Root.TryGetProperty("time", out var times) && times.Text(version) is { } text
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;
}
