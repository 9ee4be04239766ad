namespace Registry.Architecture.Tests;

/// <summary>Sizes that keep a file readable in one go.</summary>
public sealed class BudgetTests
{
    private const int FileBudget = 300;

    [Fact]
    public void No_file_is_longer_than_its_budget() =>
        Repository.Sources
            .Select(file => (File: file, Lines: Lines(file)))
            .Where(found => found.Lines > FileBudget)
            .Select(found => $"{found.File}: {found.Lines} lines")
            .ShouldBeEmpty();

    [Fact]
    public void A_service_starts_in_a_few_lines() =>
        Repository.Services.Keys.Select(service => $"{service}/Program.cs").Where(file => Lines(file) > 30).ShouldBeEmpty();

    [Theory]
    [InlineData("AppHost/AppHost.cs", 119)]
    [InlineData("CONVENTIONS.md", 70)]
    [InlineData("docs/architecture.md", 150)]
    public void A_page_to_be_read_as_a_whole_stays_short(string file, int lines) => Lines(file).ShouldBeLessThanOrEqualTo(lines);

    private static int Lines(string file) => Repository.Read(file).AsSpan().TrimEnd('\n').Count('\n') + 1;
}
