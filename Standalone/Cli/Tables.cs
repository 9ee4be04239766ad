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

    /// <summary>Shows a table; where no terminal says how wide it is, as wide as it needs to be.</summary>
    public static void Show(Table table)
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 400;
        }

        AnsiConsole.Write(table);
    }

    /// <summary>The cells of a row.</summary>
    public static Text[] Cells(params string?[] cells) => [.. cells.Select(static cell => new Text(cell ?? ""))];
}
