using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Registry.Standalone.Processes;

/// <summary>What a finished program left.</summary>
/// <param name="ExitCode">Its exit code; 127 when it could not be started.</param>
/// <param name="Output">Both its streams, in the order they arrived.</param>
internal sealed record ProgramResult(int ExitCode, string Output)
{
    /// <summary>The last line that says something.</summary>
    public string LastLine => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "it said nothing";
}

/// <summary>Runs a program to its end, bounded in time and in what is kept of its output.</summary>
internal static class ProgramRun
{
    private const int KeptCharacters = 64 * 1024;

    /// <summary>Runs a program with our environment, and nothing on its standard input.</summary>
    public static Task<ProgramResult> RunAsync(
        string program, IEnumerable<string> arguments, TimeSpan limit, CancellationToken cancellationToken) =>
        RunAsync(new ProcessStartInfo(program, arguments), limit, cancellationToken);

    /// <summary>Runs a program that was described in full.</summary>
    public static async Task<ProgramResult> RunAsync(ProcessStartInfo start, TimeSpan limit, CancellationToken cancellationToken)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            return new ProgramResult(127, missing.Message);
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        using (process)
        {
            return await FinishAsync(process, limit, deadline.Token, cancellationToken);
        }
    }

    private static async Task<ProgramResult> FinishAsync(Process process, TimeSpan limit, CancellationToken deadline, CancellationToken cancellationToken)
    {
        var output = new StringBuilder();
        DataReceivedEventHandler keep = (_, line) =>
        {
            lock (output)
            {
                if (line.Data is not null && output.Length < KeptCharacters)
                {
                    output.AppendLine(line.Data);
                }
            }
        };
        process.OutputDataReceived += keep;
        process.ErrorDataReceived += keep;
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(deadline);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            return new ProgramResult(124, $"{process.StartInfo.FileName} did not end within {limit.TotalSeconds:0} s.");
        }

        lock (output)
        {
            return new ProgramResult(process.ExitCode, output.ToString());
        }
    }
}
