using System.Text.RegularExpressions;

using Registry.Contracts.Http;

namespace Registry.Architecture.Tests;

/// <summary>What the source of a service says it needs, to compare descriptions of deployments with.</summary>
internal static partial class ServiceFacts
{
    /// <summary>The name a service gives itself: the constant in the call that builds it.</summary>
    public static string NameOf(string project) =>
        ServiceName(Regex.Match(
            string.Concat(Repository.ProductSources.Where(file => file.StartsWith($"{project}/{project}", StringComparison.Ordinal)).Select(Repository.Read)),
            @"CreateServiceBuilder\(\s*ServiceNames\.(\w+)").Groups[1].Value);

    public static string ServiceName(string constant) => (string)typeof(ServiceNames).GetField(constant)!.GetRawConstantValue()!;

    public static IEnumerable<string> SourcesOf(string project) =>
        Repository.ProductSources.Where(file => file.StartsWith($"{project}/", StringComparison.Ordinal)).Select(Repository.Read);

    /// <summary>Names of connection strings that a project's source asks for, as literals or service names.</summary>
    public static List<string> ConnectionNamesReadBy(string project) =>
    [
        .. SourcesOf(project)
            .SelectMany(source => ConnectionName().Matches(source).Select(match =>
                match.Groups["literal"].Success ? match.Groups["literal"].Value : ServiceName(match.Groups["service"].Value)))
            .Distinct(),
    ];

    /// <summary>The services that a project calls.</summary>
    public static IEnumerable<string> CalledBy(string project) =>
        (project == "Gateway"
            ? Repository.Services.Keys.Except(["Gateway"]).Select(NameOf)
            : SourcesOf(project)
                .SelectMany(source => Call().Matches(source).Select(match => ServiceName(match.Groups[1].Value))
                    .Concat(source.Contains("AddChangesFollower<", StringComparison.Ordinal) ? [ServiceNames.Packages] : [])))
        .Distinct();

    [GeneratedRegex(@"Add(?:ServiceClient|Peer)<\w+>\([^;]*?ServiceNames\.(\w+)")]
    private static partial Regex Call();

    [GeneratedRegex(@"GetConnectionString\(""(?<literal>\w+)""\)|AddServiceDatabase<\w+>\(ServiceNames\.(?<service>\w+)\)")]
    private static partial Regex ConnectionName();
}
