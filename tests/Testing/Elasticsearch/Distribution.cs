using System.IO.Compression;

using Registry.Standalone.Processes;
using Registry.Standalone.Servers;

namespace Registry.Testing.Elasticsearch;

/// <summary>The programs of Elasticsearch on this machine.</summary>
/// <param name="Folder">Where <c>bin</c>, <c>lib</c> and <c>config</c> are.</param>
/// <param name="Java">Where Java is.</param>
internal sealed record Distribution(string Folder, string Java)
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly SemaphoreSlim OneAtATime = new(1, 1);

    /// <summary>Finds or unpacks the programs, and Java.</summary>
    public static async Task<Distribution> PrepareAsync(string given)
    {
        await OneAtATime.WaitAsync();
        try
        {
            var folder = Directory.Exists(given) ? given : Unpack(given);
            return new Distribution(folder, await FindJavaAsync());
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    /// <summary>Unpacked once per machine; readable by everybody, because servers do not run as root.</summary>
    private static string Unpack(string zip)
    {
        var target = Path.Combine(Path.GetTempPath(), $"registry-test-{Path.GetFileNameWithoutExtension(zip)}-{Environment.UserName}");
        if (!Directory.Exists(target))
        {
            var fresh = Directory.CreateDirectory($"{target}.{Environment.ProcessId}").FullName;
            ZipFile.ExtractToDirectory(zip, fresh);
            foreach (var path in Directory.EnumerateFileSystemEntries(fresh, "*", SearchOption.AllDirectories).Append(fresh))
            {
                PrivateFiles.SetMode(path, Directory.Exists(path) || path.Contains("/bin/", StringComparison.Ordinal) ? Executable : Readable);
            }

            try
            {
                Directory.Move(fresh, target);
            }
            catch (IOException) when (Directory.Exists(target))
            {
                Directory.Delete(fresh, recursive: true); // another test process was faster
            }
        }

        return Directory.EnumerateDirectories(target).Single();
    }

    private static async Task<string> FindJavaAsync()
    {
        if (ProgramSearch.OnPath("java") is null && AptPrograms.IsPossible && await AptPrograms.InstallAsync(["openjdk-17-jre-headless"], CancellationToken.None) is { } reason)
        {
            throw new InvalidOperationException(reason);
        }

        var java = ProgramSearch.OnPath("java") ?? throw new InvalidOperationException("Elasticsearch needs Java 17 or later: install it.");
        return Path.GetDirectoryName(Path.GetDirectoryName(ProgramSearch.Resolve(java)))!;
    }
}
