using System.Text.Json.Nodes;

using Registry.PackageService.Features.Publishing.Tarballs;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Publishing.Bodies;

/// <summary>
/// The members of a manifest that decide what is installed and run, brought into the one form that npm's clients give them
/// before they send a manifest, so that spellings of the same thing compare as equal.
/// </summary>
internal static class InstallationMembers
{
    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. DependencyMaps, "peerDependenciesMeta", "bundleDependencies", "bundledDependencies", "bin", "scripts", "os", "cpu",
        "libc", "engines", "directories",
    ];

    private static string[] DependencyMaps =>
        ["dependencies", "optionalDependencies", "devDependencies", "peerDependencies", "acceptDependencies"];

    /// <summary>A package.json's or manifest's members of this kind, in the one form.</summary>
    public static JsonObject Of(JsonObject source, PackageName name)
    {
        var result = new JsonObject();
        foreach (var key in DependencyMaps)
        {
            Set(result, key, Texts(source[key]));
        }

        foreach (var key in (string[])["peerDependenciesMeta", "engines", "directories"])
        {
            Set(result, key, source[key] as JsonObject);
        }

        foreach (var key in (string[])["os", "cpu", "libc"])
        {
            Set(result, key, source[key] is JsonValue one ? new JsonArray(one.DeepClone()) : source[key] as JsonArray);
        }

        Set(result, "scripts", Texts(source["scripts"]));
        Set(result, "bin", Bin(source["bin"], name));
        Set(result, "bundleDependencies", Bundle(source));
        WithoutOptional(result);
        return result;
    }

    /// <summary>npm takes a server.js for the start script of a package without one.</summary>
    public static void AddStartScript(JsonObject members, TarballContents contents)
    {
        if (contents.HasServerJs && members["scripts"]?["start"] is null)
        {
            Scripts(members)["start"] = "node server.js";
        }
    }

    /// <summary>Installers build a package with a binding.gyp and no script of its own; documents have to say so.</summary>
    public static bool AddGypScript(JsonObject members, TarballContents contents)
    {
        var off = contents.PackageJson["gypfile"] is JsonValue gypfile && gypfile.TryGetValue<bool>(out var on) && !on;
        if (!contents.HasBindingGyp || off || members["scripts"]?["install"] is not null || members["scripts"]?["preinstall"] is not null)
        {
            return false;
        }

        Scripts(members)["install"] = "node-gyp rebuild";
        return true;
    }

    /// <summary>
    /// npm lists the files of <c>directories.bin</c> as <c>bin</c>. The list a publisher sent is kept when all of it is in
    /// that folder.
    /// </summary>
    public static void KeepBinOfFolder(JsonObject claimed, JsonObject actual)
    {
        if (actual["bin"] is null
            && claimed["bin"] is JsonObject bin
            && (actual["directories"] as JsonObject)?.TextOrNull("bin") is { } stated
            && CleanPath(stated) is { Length: > 0 } folder
            && bin.All(command => command.Value!.GetValue<string>().StartsWith($"{folder}/", StringComparison.Ordinal)))
        {
            actual["bin"] = bin.DeepClone();
        }
    }

    private static void Set(JsonObject target, string key, JsonNode? value)
    {
        // Nothing, null and an empty list mean the same.
        if (value is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
        {
            target[key] = value.Parent is null ? value : value.DeepClone();
        }
    }

    private static JsonObject Scripts(JsonObject members)
    {
        if (members["scripts"] is not JsonObject scripts)
        {
            members["scripts"] = scripts = [];
        }

        return scripts;
    }

    private static JsonObject? Texts(JsonNode? source)
    {
        if (source is not JsonObject map)
        {
            return null;
        }

        var result = new JsonObject();
        foreach (var key in map.Select(member => member.Key))
        {
            if (map.TextOrNull(key) is { } text)
            {
                result[key] = text.Trim();
            }
        }

        return result;
    }

    private static JsonObject? Bin(JsonNode? source, PackageName name)
    {
        var commands = source switch
        {
            JsonValue value when value.TryGetValue<string>(out var target) => [new(name.Bare, target)],
            JsonObject map => map.Select(member => new KeyValuePair<string, string?>(BaseName(member.Key), map.TextOrNull(member.Key))),
            JsonArray list => list.OfType<JsonValue>()
                .Select(item => item.TryGetValue<string>(out var target) ? target : null)
                .Select(target => new KeyValuePair<string, string?>(BaseName(target ?? ""), target)),
            _ => Enumerable.Empty<KeyValuePair<string, string?>>(),
        };
        var result = new JsonObject();
        foreach (var (command, target) in commands)
        {
            if (command.Length > 0 && CleanPath(target ?? "") is { Length: > 0 } path)
            {
                result[command] = path;
            }
        }

        return result;
    }

    private static JsonArray? Bundle(JsonObject source) =>
        (source["bundleDependencies"] ?? source["bundledDependencies"]) switch
        {
            JsonArray list => list,
            JsonObject map => [.. map.Select(member => JsonValue.Create(member.Key))],
            JsonValue value when value.TryGetValue<bool>(out var all) && all && source["dependencies"] is JsonObject dependencies =>
                [.. dependencies.Select(member => JsonValue.Create(member.Key))],
            _ => null,
        };

    /// <summary>Older clients list an optional dependency among the others too.</summary>
    private static void WithoutOptional(JsonObject members)
    {
        if (members["optionalDependencies"] is not JsonObject optional || members["dependencies"] is not JsonObject dependencies)
        {
            return;
        }

        foreach (var key in optional.Select(member => member.Key).ToArray())
        {
            dependencies.Remove(key);
        }

        if (dependencies.Count == 0)
        {
            members.Remove("dependencies");
        }
    }

    private static string BaseName(string path) => CleanPath(path.Replace(':', '/')).Split('/')[^1];

    /// <summary>The path without what leads nowhere or outside: <c>./a//../b</c> is <c>b</c>, <c>../../c</c> is <c>c</c>.</summary>
    private static string CleanPath(string path)
    {
        var segments = new List<string>();
        foreach (var segment in path.Replace('\\', '/').Split('/'))
        {
            if (segment == ".." && segments.Count > 0)
            {
                segments.RemoveAt(segments.Count - 1);
            }
            else if (segment is not ("" or "." or ".."))
            {
                segments.Add(segment);
            }
        }

        return string.Join('/', segments);
    }
}
