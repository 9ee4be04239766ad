namespace Registry.Standalone.Processes;

/// <summary>Files and folders that other users cannot read, and files that appear whole or not at all.</summary>
internal static class PrivateFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>A folder only its owner can look into.</summary>
    public static void CreateFolder(string path)
    {
        Directory.CreateDirectory(path);
        SetMode(path, OwnerOnly | UnixFileMode.UserExecute);
    }

    /// <summary>Writes a file that only its owner can read; it replaces the old one in one step.</summary>
    public static void Write(string path, string content) => Write(path, content, OwnerOnly);

    /// <summary>Writes a file with these permissions; it replaces the old one in one step.</summary>
    public static void Write(string path, string content, UnixFileMode mode)
    {
        var fresh = path + ".new";
        File.Delete(fresh);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(fresh, options))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(content));
            file.Flush(flushToDisk: true);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file.SafeFileHandle, mode); // of this very file, whatever now has its name
            }
        }

        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>Sets the permissions of a file or folder.</summary>
    public static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    /// <summary>Lets other users pass through a folder, without showing them what is in it.</summary>
    public static void AllowPassage(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.OtherExecute);
        }
    }

    /// <summary>True when every user can pass through this folder; true where the system has no such permissions.</summary>
    public static bool IsPassable(string path) =>
        OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & UnixFileMode.OtherExecute) != 0;
}
