using System.Text.Json.Nodes;

namespace Registry.EndToEnd.Tests.Clients;

/// <summary>Folders of packages, file by file.</summary>
public static class PackageFiles
{
    // What a client leaves in a package's folder for itself.
    private static readonly string[] Notes = ["node_modules", "yarn.lock", ".yarn"];

    /// <summary>
    /// The files of <paramref name="installed"/> are those of <paramref name="source"/>, byte by byte. Of the manifest the values count:
    /// pnpm publishes it in a layout of its own, and npm 6 adds to what it installs.
    /// </summary>
    public static void ShouldBeInstalled(string source, string installed)
    {
        var expected = Read(source);
        var actual = Read(installed);
        actual.Keys.ShouldBe(expected.Keys, ignoreOrder: true);
        foreach (var (path, content) in expected)
        {
            if (path == "package.json")
            {
                ShouldHold(JsonNode.Parse(actual[path])!, JsonNode.Parse(content)!);
            }
            else
            {
                actual[path].ShouldBe(content, path);
            }
        }
    }

    private static void ShouldHold(JsonNode manifest, JsonNode expected)
    {
        foreach (var (field, value) in expected.AsObject())
        {
            JsonNode.DeepEquals(manifest[field], value).ShouldBeTrue($"{field}: {manifest[field]?.ToJsonString()}, not {value?.ToJsonString()}");
        }
    }

    private static Dictionary<string, byte[]> Read(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => (Path: Path.GetRelativePath(folder, path), Content: File.ReadAllBytes(path)))
            .Where(static file => !Notes.Any(note => file.Path.StartsWith(note, StringComparison.Ordinal)))
            .ToDictionary(static file => file.Path, static file => file.Content);
}
