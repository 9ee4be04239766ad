using Registry.Standalone.Options;

namespace Registry.Standalone.Tests.Options;

public sealed class DocumentationTests
{
    [Fact]
    public void The_documentation_lists_every_option_with_its_default_and_no_other()
    {
        var documented = File.ReadLines(Path.Combine(Repository.Root, "docs", "configuration.md"))
            .Where(static line => line.StartsWith("| `", StringComparison.Ordinal) && line.Count(static character => character == '|') == 5)
            .Select(static line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(static cells => $"{cells[1].Trim('`')} = {cells[2]}: {cells[3]} e.g. {cells[4].Trim('`')}")
            .ToList();
        var known = OptionTable.All.Select(static option => $"{option.Key} = {option.Default}: {option.Meaning} e.g. {option.Example}").ToList();

        documented.Except(known).ShouldBeEmpty();
        known.Except(documented).ShouldBeEmpty();
    }

    [Fact]
    public void Every_example_is_a_value_its_option_takes() =>
        OptionTable.All.ShouldAllBe(static option => option.Kind.Accepts(option.Example));
}
