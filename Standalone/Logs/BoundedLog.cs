namespace Registry.Standalone.Logs;

/// <summary>Keeps the log a server appends to by itself within bounds.</summary>
internal static class BoundedLog
{
    private const long MaxBytes = 10 * 1024 * 1024;

    /// <summary>Moves what is there to <c>{path}.1</c> when it has grown too large, and empties the file in place.</summary>
    /// <remarks>Safe for a writer that opened it for appending: its next line lands at the new end.</remarks>
    public static void Trim(string path)
    {
        try
        {
            if (!File.Exists(path) || new FileInfo(path).Length < MaxBytes)
            {
                return;
            }

            File.Copy(path, path + ".1", overwrite: true);
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            file.SetLength(0);
        }
        catch (IOException)
        {
            // Most likely the disk is full; the servers say so themselves, and the next round tries again.
        }
    }

    /// <summary>The last lines of a log; empty when there is none.</summary>
    public static IReadOnlyList<string> Tail(string path, int lines)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(-Math.Min(file.Length, 64 * 1024), SeekOrigin.End);
        using var reader = new StreamReader(file);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(lines)];
    }
}
