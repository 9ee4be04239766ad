using Registry.Standalone.Processes;

namespace Registry.Standalone.Folder;

/// <summary>The data directory: everything a registry keeps. Deleting it resets the registry.</summary>
internal sealed class DataFolder
{
    /// <summary>Where root keeps its data when its servers could not reach the repository.</summary>
    public const string SystemPath = "/var/lib/registry";

    private DataFolder(string path) => Root = path;

    /// <summary>The directory itself, absolute.</summary>
    public string Root { get; }

    /// <summary>The operator's options.</summary>
    public string Options => Path.Combine(Root, "registry.json");

    /// <summary>The operator's upstreams, with comments where the name says so; need not be there.</summary>
    public string Upstreams => Path.Combine(Root, "pantry.jsonc") is var commented && File.Exists(commented) ? commented : Path.Combine(Root, "pantry.json");

    /// <summary>What we remember: ports, processes, versions.</summary>
    public string Instance => Path.Combine(Root, "instance.json");

    /// <summary>Held locked by the one process that manages this directory.</summary>
    public string Lock => Path.Combine(Root, "lock");

    /// <summary>Passwords and keys.</summary>
    public string Secrets => Path.Combine(Root, "secrets");

    /// <summary>The PostgreSQL server's files.</summary>
    public string Postgres => Path.Combine(Root, "postgres");

    /// <summary>The RabbitMQ server's files.</summary>
    public string RabbitMq => Path.Combine(Root, "rabbitmq");

    /// <summary>The bytes of packages.</summary>
    public string Blobs => Path.Combine(Root, "blobs");

    /// <summary>Logs of the services and the servers.</summary>
    public string Logs => Path.Combine(Root, "logs");

    /// <summary>Server programs that were downloaded.</summary>
    public string Programs => Path.Combine(Root, "programs");

    /// <summary>What the detached <c>up</c> writes to its terminal.</summary>
    public string TerminalLog => Path.Combine(Logs, "up.log");

    /// <summary>The directory to use.</summary>
    /// <param name="given">What the operator asked for; null for the usual place.</param>
    /// <param name="notice">A sentence for the operator when the usual place had to be another; else null.</param>
    public static DataFolder Choose(string? given, out string? notice)
    {
        notice = null;
        if (!string.IsNullOrEmpty(given))
        {
            return new DataFolder(Path.GetFullPath(given));
        }

        var usual = Path.Combine(RepositoryRoot(), ".registry");
        if (Environment.IsPrivilegedProcess && Blocking(usual) is { } closed)
        {
            notice = $"Data is kept in {SystemPath}: servers run as the user '{ServerAccount.UserName}', who cannot pass through {closed}.";
            return new DataFolder(SystemPath);
        }

        return new DataFolder(usual);
    }

    /// <summary>Makes sure it is there, and that the servers' account can reach it.</summary>
    public void Create(ServerAccount account)
    {
        try
        {
            Directory.CreateDirectory(Root);
            PrivateFiles.CreateFolder(Logs);
            PrivateFiles.CreateFolder(Secrets);
            PrivateFiles.CreateFolder(Blobs);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException($"The data directory {Root} cannot be used: {refused.Message} Choose another with --data.");
        }

        if (!account.IsSeparate)
        {
            return;
        }

        PrivateFiles.AllowPassage(Root);
        if (Blocking(Root) is { } closed)
        {
            throw new RefusedException(
                $"Servers run as the user '{ServerAccount.UserName}', who cannot pass through {closed} to the data directory {Root}: "
                + $"run 'chmod o+x {closed}', or choose another with --data.");
        }
    }

    /// <summary>The nearest directory above (or at) a path that other users cannot pass through; null when all let them.</summary>
    private static string? Blocking(string path)
    {
        for (var folder = new DirectoryInfo(path); folder is not null; folder = folder.Parent)
        {
            if (folder.Exists && !PrivateFiles.IsPassable(folder.FullName) && folder.FullName != path)
            {
                return folder.FullName;
            }
        }

        return null;
    }

    /// <summary>The repository this program was built in; the working directory when it was moved elsewhere.</summary>
    private static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Registry.Services.slnf")))
            {
                return folder.FullName;
            }
        }

        return Directory.GetCurrentDirectory();
    }
}
