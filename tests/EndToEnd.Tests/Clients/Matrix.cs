using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text;

using Registry.EndToEnd.Tests.Running;

[assembly: AssemblyFixture(typeof(Registry.EndToEnd.Tests.Clients.MatrixReport))]

namespace Registry.EndToEnd.Tests.Clients;

/// <summary>Every client by every scenario: which cells there are, and what came of them.</summary>
public static class Matrix
{
    private static readonly ConcurrentDictionary<(string Client, string Scenario), string> Outcomes = [];

    /// <summary>The clients that can do a scenario, as rows of a theory. The others are in <see cref="Gaps"/>.</summary>
    public static TheoryData<string> Clients(string scenario) =>
        [.. PinnedClient.All.Where(client => Gaps.ReasonFor(client, scenario) is null).Select(static client => client.Key)];

    /// <summary>Runs one cell: a client with an account of its own that no other cell has, logged in.</summary>
    /// <exception cref="InvalidOperationException">The check failed; the message has every command of the client with its output.</exception>
    public static async Task CheckAsync(RegistryProcess registry, string key, string scenario, Func<ClientUnderTest, Account, Task> check)
    {
        using var client = await ClientUnderTest.StartAsync(PinnedClient.Of(key), $"{registry.Npm}/");
        using var account = await Account.SignUpAsync(registry, $"{key}-{scenario}");
        client.UseToken(account.Token);
        await CheckAsync(client, scenario, () => check(client, account));
    }

    /// <summary>Runs one cell with a client as it is.</summary>
    public static async Task CheckAsync(ClientUnderTest client, string scenario, Func<Task> check)
    {
        var since = Stopwatch.GetTimestamp();
        Outcomes[(client.Client.Key, scenario)] = "FAILED";
        try
        {
            await check();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{client.Client.Key}, {scenario}: {exception.Message}\n\nWhat it ran:\n{client.Transcript}", exception);
        }

        Outcomes[(client.Client.Key, scenario)] = string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s");
    }

    /// <summary>Logs a client in: on a page where it can do that.</summary>
    public static Task<CommandResult> LogInAsync(ClientUnderTest client, Account account) =>
        Gaps.ReasonFor(client.Client, "login-web") is null
            ? client.LogInOnPageAsync(account.Name, Account.Password)
            : client.LogInAsync(account.Name, Account.Password);

    /// <summary>The table of what was run, with the reasons for what was not; null when no cell was run.</summary>
    public static string? Table()
    {
        if (Outcomes.IsEmpty)
        {
            return null;
        }

        var table = new StringBuilder();
        var scenarios = Outcomes.Keys.Select(static cell => cell.Scenario).Distinct().Order(StringComparer.Ordinal).ToList();
        var width = scenarios.Max(static scenario => scenario.Length);
        table.Append(' ', width).AppendJoin("", PinnedClient.All.Select(static client => $"  {client.Key,-8}")).AppendLine();
        var reasons = new List<string>();
        foreach (var scenario in scenarios)
        {
            table.Append(scenario.PadRight(width)).AppendJoin("", PinnedClient.All.Select(client => $"  {Cell(client, scenario, reasons, Outcomes.GetValueOrDefault((client.Key, scenario), "not run")),-8}")).AppendLine();
        }

        table.AppendLine().AppendJoin('\n', reasons.Select(static (reason, index) => $"[{index + 1}] {reason}")).AppendLine().AppendLine();
        return table.Append("Versions: ").AppendJoin(", ", PinnedClient.All.Select(static client => $"{client.Key} {client.Version}")).AppendLine(".").ToString();
    }

    /// <summary>What can be run, for the documentation: every scenario of the tests, and the reasons for the cells without.</summary>
    public static string Page()
    {
        var page = new StringBuilder();
        var reasons = new List<string>();
        page.Append("| |").AppendJoin("", PinnedClient.All.Select(static client => $" {client.Family} {client.Version} |")).Append('\n');
        page.Append("| --- |").Insert(page.Length, " --- |", PinnedClient.All.Count).Append('\n');
        foreach (var scenario in Scenarios())
        {
            page.Append($"| {scenario} |").AppendJoin("", PinnedClient.All.Select(client => $" {Cell(client, scenario, reasons, "✓")} |")).Append('\n');
        }

        return page.Append('\n').AppendJoin("\n", reasons.Select(static (reason, index) => $"{index + 1}. {reason}")).Append('\n').ToString();
    }

    private static IEnumerable<string> Scenarios() =>
        typeof(Matrix).Assembly.GetTypes()
            .SelectMany(static type => type.GetMethods())
            .SelectMany(static method => method.GetCustomAttributes<MemberDataAttribute>())
            .Where(static rows => rows.MemberType == typeof(Matrix))
            .Select(static rows => (string)rows.Arguments[0]!)
            .Order(StringComparer.Ordinal);

    private static string Cell(PinnedClient client, string scenario, List<string> reasons, string outcome)
    {
        if (Gaps.ReasonFor(client, scenario) is not { } reason)
        {
            return outcome;
        }

        if (!reasons.Contains(reason))
        {
            reasons.Add(reason);
        }

        return $"[{reasons.IndexOf(reason) + 1}]";
    }
}

/// <summary>Leaves the table in <c>.cache/clients.txt</c> when the tests have run.</summary>
public sealed class MatrixReport : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        if (Matrix.Table() is { } table)
        {
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(RegistryProcess.Root, ".cache")).FullName, "clients.txt"), table);
        }
    }
}
