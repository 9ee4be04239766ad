using Registry.Contracts.Http;
using Registry.SearchService;
using Registry.Standalone.Cli;
using Registry.Standalone.Folder;
using Registry.Standalone.Options;
using Registry.Standalone.Servers;
using Registry.StorageService;

namespace Registry.Standalone.Backup;

/// <summary>
/// Copies a running registry to a folder and back into an empty one. Packages are copied before accounts, so that every account a package names
/// is there, and blobs last, so that every blob a version names is: they are only ever added while the registry runs.
/// </summary>
internal sealed class RegistryBackup(DataFolder folder, RegistryOptions options, Progress progress)
{
    // What search knows is made anew from the feed, as after any loss of it.
    private static readonly string[] Databases = [ServiceNames.Packages, ServiceNames.Auth];

    private string Store => options.ConnectionString("s3") is { } s3 ? $"s3:{s3}" : $"disk:{options["Storage:Path"] ?? folder.Blobs}";

    /// <summary>Copies everything to a folder that must be empty or hold an earlier back-up, whose blobs are then not copied again.</summary>
    /// <exception cref="RefusedException">The registry does not run, or something could not be copied.</exception>
    public async Task CreateAsync(string target, bool withBlobs, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(target);
        File.Delete(Path.Combine(target, BackupManifest.FileName)); // what is there is no whole back-up from now on
        var createdAt = TimeProvider.System.GetUtcNow();
        var databases = new List<BackedUpDatabase>();
        foreach (var name in Databases)
        {
            databases.Add(await progress.StepAsync(
                $"Copying the database {name}",
                () => DatabaseCopy.OutAsync(name, ConnectionTo(name), Path.Combine(target, name), cancellationToken),
                static copied => $"{copied.Tables.Sum(static table => table.Bytes) / 1_000_000.0:0.0} MB"));
        }

        if (withBlobs)
        {
            await CopyBlobsAsync(Store, $"disk:{BlobsIn(target)}", cancellationToken);
        }

        var version = typeof(RegistryBackup).Assembly.GetName().Version!.ToString(3);
        new BackupManifest(BackupManifest.CurrentFormat, createdAt, version, databases).Write(target);
    }

    /// <summary>Copies a back-up into a registry in which nothing was published yet. The caller holds the directory's lock, and the servers run.</summary>
    /// <exception cref="RefusedException">The registry is not empty, the back-up is damaged, or Elasticsearch holds another registry's index; nothing was restored then.</exception>
    public async Task RestoreAsync(string source, IReadOnlyDictionary<string, string> databases, bool replacesIndex, CancellationToken cancellationToken)
    {
        var manifest = BackupManifest.Read(source);
        if (await DatabaseCopy.IsUsedAsync(databases[ServiceNames.Auth], "accounts", cancellationToken))
        {
            throw new RefusedException("This registry has accounts: a back-up is restored into an empty one. Choose another --data, or delete this one first.");
        }

        foreach (var database in manifest.Databases)
        {
            await DatabaseCopy.CheckAsync(database, Path.Combine(source, database.Name), cancellationToken);
        }

        await MakeWayForIndexAsync(replacesIndex, cancellationToken);
        if (Directory.Exists(BlobsIn(source)))
        {
            await CopyBlobsAsync($"disk:{BlobsIn(source)}", Store, cancellationToken);
        }

        // The accounts last: a restore that was cut off finds no account, and can be repeated.
        foreach (var database in manifest.Databases)
        {
            await progress.StepAsync($"Restoring the database {database.Name}", async () =>
            {
                await DatabaseCopy.InAsync(database, databases[database.Name], Path.Combine(source, database.Name), cancellationToken);
                return true;
            });
        }
    }

    /// <summary>An index that outlived its databases is not known to the new ones, which would neither use nor touch it.</summary>
    private async Task MakeWayForIndexAsync(bool replaces, CancellationToken cancellationToken)
    {
        var settings = options.Values.Select(static option => KeyValuePair.Create(option.Key, (string?)option.Value));
        try
        {
            if (replaces)
            {
                await SearchServiceApp.DeleteIndexAsync(settings, cancellationToken);
            }
            else if (await SearchServiceApp.HasIndexAsync(settings, cancellationToken))
            {
                throw new RefusedException(
                    "Elasticsearch holds a search index already. Is it the lost registry's, restore with --replace-index, which deletes it; is it another registry's, set Search:Elasticsearch:Prefix.");
            }
        }
        catch (Exception away) when (away is TimeoutException or InvalidOperationException)
        {
            throw new RefusedException(away.Message);
        }
    }

    private static string BlobsIn(string backup) => Path.Combine(Path.GetFullPath(backup), "blobs");

    private async Task CopyBlobsAsync(string from, string to, CancellationToken cancellationToken)
    {
        var copied = await progress.StepAsync(
            "Copying blobs",
            () => StorageServiceApp.CopyBlobsAsync((from, to), options["Tls:CaFile"], verify: false, static _ => { }, cancellationToken),
            static done => $"{done.Copied} copied, {done.Skipped} were there");
        if (copied.Failed > 0)
        {
            throw new RefusedException($"{copied.Failed} blobs could not be copied. The last: {copied.LastFault}");
        }
    }

    private string ConnectionTo(string name)
    {
        if (options.ConnectionString(name) is { } own)
        {
            return own;
        }

        var state = InstanceFile.Load(folder);
        var server = options.ConnectionString("postgres")
            ?? (state.Servers.GetValueOrDefault("postgres") is { } running && running.Process.IsAlive() && state.Ports.TryGetValue("postgres", out var port)
                ? PostgresProcess.ConnectionTo(port, new Secrets(folder).Password("postgres"))
                : throw new RefusedException($"The registry is not running on {folder.Root}: start it with ./registry up, or its servers with ./registry servers up."));
        return Hosting.Databases.ConnectionTo(server, name, new Secrets(folder));
    }
}
