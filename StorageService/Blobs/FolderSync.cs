using System.Runtime.InteropServices;

namespace Registry.StorageService.Blobs;

/// <summary>
/// Makes the entries of a folder survive a crash of the machine. A rename is only durable once the folder it happened in is
/// synced, and .NET refuses to open folders, so this calls <c>open</c>, <c>fsync</c> and <c>close</c> itself. Windows has no such call: NTFS
/// journals the names.
/// </summary>
internal static partial class FolderSync
{
    private const int Interrupted = 4; // EINTR
    private const int InvalidArgument = 22; // EINVAL: some network file systems cannot sync folders, and then keep names durable themselves
    private const int LinuxCloseOnExec = 0x80000;
    private const int MacCloseOnExec = 0x1000000;

    /// <summary>Returns when the folder's entries are on disk.</summary>
    /// <exception cref="IOException">The folder cannot be synced.</exception>
    public static void Sync(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(folder, OperatingSystem.IsMacOS() ? MacCloseOnExec : LinuxCloseOnExec);
        if (descriptor < 0)
        {
            throw Failure(folder, Marshal.GetLastPInvokeError());
        }

        try
        {
            SyncDescriptor(folder, descriptor);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static void SyncDescriptor(string folder, int descriptor)
    {
        while (Fsync(descriptor) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == InvalidArgument)
            {
                return;
            }

            if (error != Interrupted)
            {
                throw Failure(folder, error);
            }
        }
    }

    private static IOException Failure(string folder, int error) =>
        new($"The folder '{folder}' cannot be synced: {Marshal.GetPInvokeErrorMessage(error)}", error);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}
