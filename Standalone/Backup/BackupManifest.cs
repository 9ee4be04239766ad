using System.Text.Json;

using Registry.ServiceDefaults;
using Registry.Standalone.Processes;

namespace Registry.Standalone.Backup;

/// <summary>What a back-up holds; the file <c>manifest.json</c>, written last: a folder without one is no back-up.</summary>
/// <param name="Format">The layout of the folder; this version reads and writes 1.</param>
/// <param name="CreatedAt">The moment the databases are as of, UTC.</param>
/// <param name="RegistryVersion">The version that wrote it.</param>
/// <param name="Databases">What was copied of each database.</param>
internal sealed record BackupManifest(int Format, DateTimeOffset CreatedAt, string RegistryVersion, IReadOnlyList<BackedUpDatabase> Databases)
{
    public const int CurrentFormat = 1;
    /// <summary>Its name.</summary>
    public const string FileName = "manifest.json";
    private static readonly JsonSerializerOptions Indented = new(RegistryJson.Options) { WriteIndented = true };

    /// <summary>Writes it to a back-up's folder, in one step.</summary>
    public void Write(string folder) => PrivateFiles.Write(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Indented));

    /// <summary>Reads it from a back-up's folder.</summary>
    /// <exception cref="RefusedException">There is none, or this version cannot read it.</exception>
    public static BackupManifest Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new RefusedException($"There is no whole back-up in {folder}: {FileName} is missing.");
        }

        try
        {
            var manifest = JsonSerializer.Deserialize<BackupManifest>(File.ReadAllBytes(path), RegistryJson.Options)!;
            return manifest.Format == CurrentFormat
                ? manifest
                : throw new RefusedException($"The back-up in {folder} has format {manifest.Format}, and this version reads {CurrentFormat}: restore it with version {manifest.RegistryVersion}.");
        }
        catch (JsonException damaged)
        {
            throw new RefusedException($"{path} is damaged: {damaged.Message}");
        }
    }
}

/// <summary>A database in a back-up.</summary>
/// <param name="Name">auth, packages or search.</param>
/// <param name="Migration">The last migration it had: the same or a later version of the registry can restore it.</param>
/// <param name="Tables">Its tables, those others refer to first.</param>
internal sealed record BackedUpDatabase(string Name, string Migration, IReadOnlyList<BackedUpTable> Tables);

/// <summary>A table in a back-up: a file in PostgreSQL's binary COPY format.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Columns">The columns, in the file's order.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Digest">SHA-256 of the file, lower-case hex.</param>
internal sealed record BackedUpTable(string Name, IReadOnlyList<string> Columns, long Bytes, string Digest);
