using System.Diagnostics;
using System.Text;

namespace Registry.EndToEnd.Tests.Running;

/// <summary>What a finished command said.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
public sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>Both streams, for messages.</summary>
    public string Everything => $"exit {ExitCode}\n{Output}\n{Error}";

    /// <summary>Itself, when the command succeeded.</summary>
    public CommandResult ShouldSucceed()
    {
        ExitCode.ShouldBe(0, Everything);
        return this;
    }

    /// <summary>Itself, when the command failed.</summary>
    public CommandResult ShouldFail()
    {
        ExitCode.ShouldNotBe(0, Everything);
        return this;
    }
}

/// <summary>Runs programs the way a user types them, bounded in time.</summary>
public static class Command
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>Runs a program to its end.</summary>
    public static async Task<CommandResult> RunAsync(
        string program, IEnumerable<string> arguments, string directory, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var process = Start(program, arguments, directory, environment);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await WaitAsync(process);
        return new CommandResult(process.ExitCode, await output, await error);
    }

    /// <summary>Runs a shell line on a terminal and answers its prompts, each when it appears.</summary>
    public static Task<CommandResult> RunOnTerminalAsync(
        string line, IReadOnlyList<(string Prompt, string Answer)> dialogue, string directory, IReadOnlyDictionary<string, string> environment) =>
        RunOnTerminalAsync(line, [.. dialogue.Select(static one => (one.Prompt, new Func<string, string>(_ => one.Answer)))], directory, environment);

    /// <summary>The same with answers that depend on what the terminal shows.</summary>
    public static async Task<CommandResult> RunOnTerminalAsync(
        string line, IReadOnlyList<(string Prompt, Func<string, string> Answer)> dialogue, string directory, IReadOnlyDictionary<string, string> environment)
    {
        using var process = Start("script", ["-qfec", line, "/dev/null"], directory, environment);
        var seen = new StringBuilder();
        var buffer = new char[1024];
        var next = 0;
        var from = 0;
        using var limit = new CancellationTokenSource(Limit);
        int read;
        while ((read = await process.StandardOutput.ReadAsync(buffer, limit.Token)) > 0)
        {
            seen.Append(buffer, 0, read);
            if (next < dialogue.Count && seen.ToString(from, seen.Length - from).Contains(dialogue[next].Prompt, StringComparison.OrdinalIgnoreCase))
            {
                from = seen.Length;
                await process.StandardInput.WriteAsync($"{dialogue[next++].Answer(seen.ToString())}\r");
                await process.StandardInput.FlushAsync(limit.Token);
            }
        }

        await WaitAsync(process);
        return new CommandResult(process.ExitCode, seen.ToString(), await process.StandardError.ReadToEndAsync(limit.Token));
    }

    /// <summary>Starts a program with its streams redirected.</summary>
    public static Process Start(
        string program, IEnumerable<string> arguments, string directory, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private static async Task WaitAsync(Process process)
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{process.StartInfo.FileName} did not end within {Limit}.");
        }
    }
}
