using System.Globalization;
using System.Runtime.InteropServices;

namespace Registry.Standalone.Processes;

/// <summary>
/// The account servers run as: ours when we are an ordinary user; as root a system user of its own, because PostgreSQL
/// refuses root and nothing that listens needs it.
/// </summary>
internal sealed class ServerAccount
{
    /// <summary>The system user that root's servers run as.</summary>
    public const string UserName = "registry";

    private static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(20);
    private readonly (uint User, uint Group)? _ids;

    private ServerAccount((uint User, uint Group)? ids) => _ids = ids;

    /// <summary>Our own account, whatever it is.</summary>
    public static ServerAccount Ourselves { get; } = new(null);

    /// <summary>True when servers run as another user than ourselves.</summary>
    public bool IsSeparate => _ids is not null;

    /// <summary>Finds the account, and creates it when we are root and it is missing.</summary>
    public static async Task<ServerAccount> FindAsync(CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess || OperatingSystem.IsWindows())
        {
            return Ourselves;
        }

        if (ProgramSearch.OnPath("setpriv") is null)
        {
            throw new RefusedException(
                "Servers must not run as root, and the program to change the user (setpriv) is missing: install it with "
                + "'apt-get install util-linux', or run ./registry as an ordinary user.");
        }

        if (await IdAsync("-u", cancellationToken) is null)
        {
            var made = await ProgramRun.RunAsync(
                "useradd", ["--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", "--user-group", UserName], CommandLimit, cancellationToken);
            if (made.ExitCode != 0)
            {
                throw new RefusedException($"The system user '{UserName}' that servers run as could not be created: {made.LastLine}");
            }
        }

        var user = await IdAsync("-u", cancellationToken);
        var group = await IdAsync("-g", cancellationToken);
        return user is > 0 && group is not null
            ? new ServerAccount((user.Value, group.Value))
            : throw new RefusedException($"The system user '{UserName}' is missing or is root: servers need an unprivileged user of that name.");
    }

    /// <summary>What to put in front of a command so that it runs as this account.</summary>
    public IReadOnlyList<string> Prefix() =>
        _ids is { } ids ? ["setpriv", $"--reuid={ids.User}", $"--regid={ids.Group}", "--clear-groups", "--"] : [];

    /// <summary>Gives a file or folder to this account; of a link, the link itself, so that nothing it leads to changes hands.</summary>
    public void Own(string path)
    {
        if (_ids is { } ids && NativeMethods.LChown(path, ids.User, ids.Group) != 0)
        {
            throw new IOException($"{path} could not be given to the user '{UserName}' (error {Marshal.GetLastPInvokeError()}).");
        }
    }

    /// <summary>A folder that only this account can look into.</summary>
    /// <exception cref="RefusedException">It is a link: whoever runs as this account could have put it there to be given what it leads to.</exception>
    public string OwnFolder(string path)
    {
        if (IsSeparate && new DirectoryInfo(path).LinkTarget is { } target)
        {
            throw new RefusedException($"{path} is a link to {target}: a folder of the servers cannot be one while ./registry runs as root. Move the data directory as a whole with --data.");
        }

        PrivateFiles.CreateFolder(path);
        Own(path);
        return path;
    }

    private static async Task<uint?> IdAsync(string option, CancellationToken cancellationToken)
    {
        var answer = await ProgramRun.RunAsync("id", [option, UserName], CommandLimit, cancellationToken);
        return answer.ExitCode == 0 ? uint.Parse(answer.LastLine, CultureInfo.InvariantCulture) : null;
    }

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "lchown", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static extern int LChown([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint user, uint group);
    }
}
