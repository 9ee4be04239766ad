using System.Text.Json;

using Registry.PackageService.Packages;

namespace Registry.PackageService.Dialects.Npm;

/// <summary>
/// What somebody has installed, as npm 6 sends it to be audited: <c>dependencies</c> is where packages lie, one in another's folder, and
/// <c>requires</c> which of them each asks for. It is walked without recursion: it can be as deep as a sender likes.
/// </summary>
internal sealed class DependencyTree
{
    /// <summary>Most packages in a tree.</summary>
    public const int MostPackages = 50_000;

    private const int LongestName = 214;
    private const int MostRequirements = 250_000;

    private readonly List<InstalledPackage> _packages = [];

    private DependencyTree()
    {
    }

    /// <summary>Every package, as often as it is installed.</summary>
    public IReadOnlyList<InstalledPackage> Packages => _packages;

    /// <summary>The versions by full name.</summary>
    public Dictionary<string, HashSet<string>> Versions { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads a tree.</summary>
    /// <returns>Null when it has another shape or is too large.</returns>
    public static DependencyTree? Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var tree = new DependencyTree();
        var top = new InstalledPackage("", root, null);
        return tree.Unfold(top) && Explain(top) ? tree : null;
    }

    /// <summary>Adds a version of a package; of what no package can be called nobody knows anything.</summary>
    public static void Add(Dictionary<string, HashSet<string>> versions, string name, string version)
    {
        if (PackageName.TryParse(name, out _))
        {
            (versions.TryGetValue(name, out var known) ? known : versions[name] = new HashSet<string>(StringComparer.Ordinal)).Add(version);
        }
    }

    private bool Unfold(InstalledPackage top)
    {
        var open = new Queue<InstalledPackage>([top]);
        while (open.TryDequeue(out var holder))
        {
            if (!holder.TryObject("dependencies", out var dependencies))
            {
                continue;
            }

            foreach (var dependency in dependencies.EnumerateObject())
            {
                if (dependency.Value.ValueKind != JsonValueKind.Object || dependency.Name.Length > LongestName || _packages.Count == MostPackages)
                {
                    return false;
                }

                var package = new InstalledPackage(dependency.Name, dependency.Value, holder);
                holder.Within[package.Name] = package;
                _packages.Add(package);
                open.Enqueue(package);
                if (package.Version is { } version)
                {
                    Add(Versions, package.Name, version);
                }
            }
        }

        return true;
    }

    /// <summary>Finds for each package who asks for it, along the shortest way from the top; what nobody asks for is explained by where it lies.</summary>
    private static bool Explain(InstalledPackage top)
    {
        var seen = new HashSet<InstalledPackage>([top]);
        var open = new Queue<InstalledPackage>([top]);
        var requirements = 0;
        while (open.TryDequeue(out var asking))
        {
            foreach (var name in asking.Requires)
            {
                if (++requirements > MostRequirements)
                {
                    return false;
                }

                if (asking.Find(name) is { } found && seen.Add(found))
                {
                    found.RequiredBy = asking;
                    open.Enqueue(found);
                }
            }
        }

        return true;
    }
}

/// <summary>A package somewhere in a tree.</summary>
internal sealed class InstalledPackage(string name, JsonElement json, InstalledPackage? holder)
{
    private const int LongestPath = 100; // packages; of a longer way the end is told

    public string Name { get; } = name;

    public string? Version { get; } = json.TryGetProperty("version", out var version) && version.ValueKind == JsonValueKind.String ? version.GetString() : null;

    public bool IsDev { get; } = Is(json, "dev");

    public bool IsOptional { get; } = Is(json, "optional");

    public bool IsBundled { get; } = Is(json, "bundled");

    /// <summary>What lies in its folder.</summary>
    public Dictionary<string, InstalledPackage> Within { get; } = new(StringComparer.Ordinal);

    /// <summary>Who asks for it; null for what nobody does.</summary>
    public InstalledPackage? RequiredBy { get; set; }

    /// <summary>What it asks for; old lock files do not say, then it is what lies in its folder.</summary>
    public IEnumerable<string> Requires => TryObject("requires", out var requires) ? requires.EnumerateObject().Select(static one => one.Name) : Within.Keys;

    /// <summary>Why it is there: the packages from the top to it.</summary>
    public string Path
    {
        get
        {
            var names = new List<string>();
            for (var package = this; package is { Name.Length: > 0 } && names.Count < LongestPath; package = package.RequiredBy ?? package.Holder)
            {
                names.Add(package.Name);
            }

            names.Reverse();
            return string.Join('>', names);
        }
    }

    private InstalledPackage? Holder { get; } = holder;

    /// <summary>The package a name means from here: one in its own folder, else in the next one outside.</summary>
    public InstalledPackage? Find(string required)
    {
        for (var package = this; package is not null; package = package.Holder)
        {
            if (package.Within.TryGetValue(required, out var found))
            {
                return found;
            }
        }

        return null;
    }

    public bool TryObject(string member, out JsonElement value) =>
        json.TryGetProperty(member, out value) && value.ValueKind == JsonValueKind.Object;

    private static bool Is(JsonElement json, string member) => json.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.True;
}
