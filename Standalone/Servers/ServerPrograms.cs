using System.Text.RegularExpressions;

using Registry.Standalone.Folder;

namespace Registry.Standalone.Servers;

/// <summary>A server's programs on this machine.</summary>
/// <param name="Folder">Where they are.</param>
/// <param name="Version">Their version; 0.0 when it is not known.</param>
/// <param name="Origin">Where they come from: installed, apt or npm.</param>
internal sealed partial record ServerPrograms(string Folder, Version Version, string Origin)
{
    /// <summary>What to remember of them.</summary>
    public ProgramsState ToState() => new(Folder, Version.ToString(), Origin);

    /// <summary>The version a text mentions first; 0.0 when it mentions none.</summary>
    public static Version VersionIn(string text) =>
        VersionPattern().Match(text) is { Success: true } match ? Version.Parse(match.Value) : new Version(0, 0);

    [GeneratedRegex(@"\d{1,4}\.\d{1,4}(\.\d{1,4})?", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VersionPattern();
}
