using System.Diagnostics;

using Registry.Standalone.Processes;

namespace Registry.StorageService.Tests.Features;

/// <summary>Runs a test of this program again as a user whom permissions bind.</summary>
internal static class OrdinaryUser
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Runs one test; fails when it fails or is not run.</summary>
    public static async Task RunAsync(string test)
    {
        var account = await ServerAccount.FindAsync(CancellationToken.None);
        var folder = Directory.CreateTempSubdirectory("registry-tests-").FullName;
        try
        {
            account.OwnFolder(folder);
            var program = CopyProgram(Path.Combine(folder, "program"));
            string[] command = [.. account.Prefix(), "dotnet", program, "--no-progress", "--no-ansi", "--results-directory", folder, "--filter-method", $"*.{test}"];
            var start = new ProcessStartInfo(command[0], command[1..])
            {
                WorkingDirectory = folder,
                Environment = { ["HOME"] = folder, ["TMPDIR"] = folder },
            };

            var result = await ProgramRun.RunAsync(start, Limit, CancellationToken.None);

            result.ExitCode.ShouldBe(0, result.Output);
            result.Output.ShouldContain("succeeded: 1");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Where it lies only root may be able to read it.</summary>
    private static string CopyProgram(string folder)
    {
        const UnixFileMode readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead;
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(AppContext.BaseDirectory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
            PrivateFiles.SetMode(copy, readable);
        }

        foreach (var inner in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).Append(folder))
        {
            PrivateFiles.SetMode(inner, readable | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        }

        return Path.Combine(folder, Path.GetFileName(typeof(OrdinaryUser).Assembly.Location));
    }
}
