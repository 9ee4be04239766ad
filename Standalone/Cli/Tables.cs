using Spectre.Console;

namespace Registry.Standalone.Cli;

/// <summary>Tables for people. What they show comes from outside, so it is never read as markup.</summary>
internal static class Tables
{
    /// <summary>A table with these columns.</summary>
    public static Table New(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column)).NoWrap());
        }

        return table;
    }

    /// <summary>The cells of a row.</summary>
    public static Text[] Cells(params string?[] cells) => [.. cells.Select(static cell => new Text(cell ?? ""))];
}
