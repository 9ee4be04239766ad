using System.Text.RegularExpressions;

namespace Registry.Architecture.Tests;

/// <summary>An operator builds dashboards from the list in docs/operations.md: it has every metric of ours, and none that is not there.</summary>
public sealed partial class MetricsTests
{
    [Fact]
    public void The_documentation_lists_the_metrics_there_are()
    {
        var made = Repository.ProductSources
            .SelectMany(file => Instrument().Matches(Repository.Read(file)))
            .Select(match => match.Groups["name"].Value)
            .ToList();
        var listed = Row().Matches(Repository.Read("docs/operations.md"))
            .SelectMany(row => Name().Matches(row.Groups["names"].Value))
            .Select(match => match.Groups["name"].Value);

        made.Count.ShouldBeGreaterThan(10);
        listed.Distinct().ShouldBe(made, ignoreOrder: true);
    }

    [GeneratedRegex(@"\.Create(?:Observable)?(?:Counter|Gauge|Histogram|UpDownCounter)(?:<\w+>)?\(\s*""(?<name>[\w.]+)""")]
    private static partial Regex Instrument();

    [GeneratedRegex(@"^\|(?<names>[^|]*`registry\.[^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(?<name>registry\.[\w.]+)`")]
    private static partial Regex Name();
}
