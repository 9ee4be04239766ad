using System.Collections;
using System.Reflection;
using System.Text.RegularExpressions;

using Microsoft.AspNetCore.WebUtilities;

using Registry.Gateway;

namespace Registry.Architecture.Tests;

/// <summary>Documents that list what the code defines, compared with it.</summary>
public sealed partial class DocumentTests
{
    private static readonly string Protocol = Repository.Read("docs/protocol.md");

    [Fact]
    public void The_readme_shows_the_gateways_table_of_routes()
    {
        var table = (IEnumerable)typeof(GatewayApp).Assembly.GetTypes().Single(type => type.Name == "Routes")
            .GetProperty("Table", BindingFlags.Static | BindingFlags.Public)!.GetValue(null)!;
        var routes = table.Cast<object>()
            .Select(route => (Value(route, "Dialect"), Value(route, "Path"), Value(route, "Service") ?? "nobody"));

        var shown = RouteRow().Matches(Repository.Read("README.md"))
            .Select(row => ((string?)row.Groups[1].Value, (string?)row.Groups[2].Value, row.Groups[3].Value));

        shown.ShouldBe(routes);

        static string? Value(object route, string member) => (string?)route.GetType().GetProperty(member)!.GetValue(route);
    }

    [Fact]
    public void The_architecture_page_shows_the_default_mounts()
    {
        var mounts = ((IEnumerable)typeof(GatewayApp).Assembly.GetTypes().Single(type => type.Name == "DefaultMounts")
            .GetProperty("Mounts", BindingFlags.Static | BindingFlags.Public)!.GetValue(null)!).Cast<object>();
        var page = Repository.Read("docs/architecture.md");

        foreach (var mount in mounts)
        {
            object? Member(string name) => mount.GetType().GetProperty(name)!.GetValue(mount);
            var row = page.Split('\n').Single(line => line.StartsWith($"| `{Member("Name")}` |", StringComparison.Ordinal));

            row.ShouldContain($"| {Member("Listener")}");
            row.ShouldContain($"| `{Member("Prefix")}` | {Member("Dialect")}");
            row.ShouldEndWith($"| {Member("Repository") ?? "as named"} | {(Member("UsesUpstreams") is true ? "yes" : "no")} |");
        }
    }

    [Fact]
    public void The_protocol_lists_every_error_code()
    {
        var codes = Repository.ProductSources.SelectMany(file => CodesIn(Repository.Read(file))).Distinct().ToList();

        codes.Count.ShouldBeGreaterThan(30, "the search for codes finds them");
        codes.Except(ListedCodes()).ShouldBeEmpty();
    }

    [Fact]
    public void The_protocol_lists_no_error_code_that_is_gone()
    {
        var source = string.Concat(Repository.ProductSources.Select(Repository.Read));
        var ofTheFramework = Enumerable.Range(400, 200).Select(ReasonPhrases.GetReasonPhrase)
            .Select(phrase => phrase.ToLowerInvariant().Replace(' ', '_').Replace('-', '_').Replace("'", "", StringComparison.Ordinal));

        ListedCodes().Except(ofTheFramework)
            .Where(code => !source.Contains($"\"{code}\"", StringComparison.Ordinal))
            .ShouldBeEmpty();
        ListedCodes().GroupBy(code => code).Where(code => code.Count() > 1).Select(code => code.Key).ShouldBeEmpty("listed twice");
    }

    [Fact]
    public void The_configuration_page_names_every_option()
    {
        var page = Repository.Read("docs/configuration.md");

        OptionsReflection.Keys.ShouldNotBeEmpty();
        OptionsReflection.Keys.Where(key => !page.Contains(key, StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_folder_of_the_readme_exists()
    {
        var named = FolderRow().Matches(Repository.Read("README.md"))
            .SelectMany(row => row.Groups[1].Value.Split('`', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Where(name => name.Length > 0)
            .ToList();

        named.Where(folder => !Directory.Exists(Path.Combine(Repository.Root, folder))).ShouldBeEmpty();
        Repository.Projects.Select(project => project.Split('/')[0]).Distinct()
            .Except(named.Select(folder => folder.Split('/')[0])).ShouldBeEmpty();
    }

    [Fact]
    public void Links_between_documents_lead_somewhere() =>
        (from file in Repository.Files
         where file.EndsWith(".md", StringComparison.Ordinal)
         from Match link in Link().Matches(Repository.Read(file))
         let target = link.Groups[1].Value.Split('#')[0]
         where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
         let path = Path.Combine(Repository.Root, Path.GetDirectoryName(file)!, target)
         where !File.Exists(path) && !Directory.Exists(path)
         select $"{file} → {target}")
        .ShouldBeEmpty();

    [Fact]
    public void The_readme_names_the_two_commands()
    {
        var readme = Repository.Read("README.md");

        readme.ShouldContain("./registry up");
        readme.ShouldContain("./registry test");
    }

    private static List<string> ListedCodes() =>
        [.. CodeRow().Matches(Protocol[Protocol.IndexOf("### Error codes", StringComparison.Ordinal)..]).Select(row => row.Groups[1].Value)];

    /// <summary>Codes as they are written: before their sentence, after a status or reason, or as the two sides of a condition.</summary>
    private static IEnumerable<string> CodesIn(string source) =>
        Code().Matches(source).SelectMany(match => match.Groups.Values.Skip(1)).Where(group => group.Success).Select(group => group.Value);

    [GeneratedRegex("""
        "([a-z][a-z0-9]*(?:_[a-z0-9]+)+)",\s*\$?"[A-Z'{]|(?:\b[45]\d\d|StatusCodes\.\w+|RefusalReason\.\w+),\s*"([a-z][a-z0-9]*(?:_[a-z0-9]+)+)"|\?\s*"([a-z][a-z0-9]*(?:_[a-z0-9]+)+)"\s*:\s*"([a-z][a-z0-9]*(?:_[a-z0-9]+)+)",
        """)]
    private static partial Regex Code();

    [GeneratedRegex(@"^\| `([a-z_0-9]+)` \| \d{3}", RegexOptions.Multiline)]
    private static partial Regex CodeRow();

    [GeneratedRegex(@"^\| (native|npm|pantry|loft) \| `([^`]+)` \| (\w+) \|$", RegexOptions.Multiline)]
    private static partial Regex RouteRow();

    [GeneratedRegex(@"^\| ((?:`[\w/]+` ?)+)\| ", RegexOptions.Multiline)]
    private static partial Regex FolderRow();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
