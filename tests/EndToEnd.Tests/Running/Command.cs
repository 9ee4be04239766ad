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

    /// <summary>Runs a shell line on a terminal and answers what appears there: each reply once, in their order.</summary>
    public static async Task<CommandResult> RunOnTerminalAsync(
        string line, IReadOnlyList<Reply> dialogue, string directory, IReadOnlyDictionary<string, string> environment)
    {
        using var process = Start("script", ["-qfec", line, "/dev/null"], directory, environment);
        var seen = new StringBuilder();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await ConverseAsync(process, dialogue, seen, limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{line} did not end within {Limit}. The terminal shows:\n{seen}");
        }

        await WaitAsync(process);
        return new CommandResult(process.ExitCode, seen.ToString(), await process.StandardError.ReadToEndAsync(limit.Token));
    }

    private static async Task ConverseAsync(Process process, IReadOnlyList<Reply> dialogue, StringBuilder seen, CancellationToken cancellationToken)
    {
        var buffer = new char[1024];
        var (next, from) = (0, 0);
        int read;
        while ((read = await process.StandardOutput.ReadAsync(buffer, cancellationToken)) > 0)
        {
            seen.Append(buffer, 0, read);
            if (next < dialogue.Count && dialogue[next].IsTo(seen.ToString(from, seen.Length - from)))
            {
                from = seen.Length;
                await process.StandardInput.WriteAsync(await dialogue[next++].Answer(seen.ToString()));
                await process.StandardInput.FlushAsync(cancellationToken);
            }
        }
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
