using System.Text;
using System.Text.Json.Nodes;

using Registry.PackageService.Features.Publishing.Bodies;

namespace Registry.PackageService.Features.Publishing.Tarballs;

/// <summary>
/// Looks through a tarball while it streams by: is it a gzipped tar file that every installer unpacks alike, below one
/// folder, and what does its package.json say (npm protocol 3.4, step 4).
/// </summary>
internal sealed class TarballInspector(PublishingOptions limits)
{
    private const int MaxPackageJsonBytes = 1024 * 1024;
    private const int MaxReadmeBytes = 64 * 1024;
    private const int MaxLinks = 10_000; // each is remembered
    private static readonly string[] ReadmeNames = ["readme.md", "readme.markdown", "readme", "readme.txt", "readme.rst"];

    private readonly HashSet<string> _links = new(StringComparer.OrdinalIgnoreCase);
    private string? _root;
    private int _entries;
    private int _files;
    private long _unpackedSize;
    private byte[]? _packageJson;
    private byte[]? _readme;
    private string? _readmeName;
    private bool _hasBindingGyp;
    private bool _hasServerJs;
    private bool _hasShrinkwrap;

    /// <summary>Inspects a tarball; not all of it is read when it is rejected.</summary>
    public async Task<InspectionOutcome> InspectAsync(Stream gzip, CancellationToken cancellationToken)
    {
        using var bytes = new InflatedTarball(gzip, limits.MaxUnpackedBytes);
        var tar = new TarEntryReader(bytes);
        try
        {
            while (await tar.NextAsync(cancellationToken) is { } entry)
            {
                await VisitAsync(entry, bytes, cancellationToken);
            }

            return new InspectionOutcome.Accepted(Describe());
        }
        catch (BodyRefusedException refused) when (refused.Refusal.Code is "invalid_tarball" or "tarball_unpacks_too_large")
        {
            return new InspectionOutcome.Rejected(refused.Refusal);
        }
    }

    private static BodyRefusedException Invalid(string message) => BodyRefusedException.Invalid("invalid_tarball", message);

    private async ValueTask VisitAsync(TarHeader entry, InflatedTarball bytes, CancellationToken cancellationToken)
    {
        if (++_entries > limits.MaxEntries)
        {
            throw Invalid($"The tarball has more than {limits.MaxEntries} entries");
        }

        var path = TarPath.Parse(entry.Path);
        CheckRoot(path, entry);
        RefuseBelowLink(path.Below);
        if (IsFile(entry))
        {
            await VisitFileAsync(path.Below, entry, bytes, cancellationToken);
        }
        else
        {
            VisitOther(path, entry);
        }
    }

    private void CheckRoot(TarPath path, TarHeader entry)
    {
        if (path.Below.Length == 0 && entry.Type != '5' && !entry.Path.EndsWith('/'))
        {
            throw Invalid($"The tarball's entry {JsonReading.Printable(entry.Path)} is not inside a root folder such as package/");
        }

        _root ??= path.Root;
        if (path.Root != _root)
        {
            throw Invalid($"The tarball has more than one root folder: {JsonReading.Printable(_root)} and {JsonReading.Printable(path.Root)}");
        }
    }

    /// <summary>A name that ends in a slash is a folder, whatever an old program wrote as its type.</summary>
    private static bool IsFile(TarHeader entry) => entry.Type is '0' or '\0' or '7' && !entry.Path.EndsWith('/');

    private void VisitOther(TarPath path, TarHeader entry)
    {
        var name = JsonReading.Printable(entry.Path);
        if (entry.Size != 0)
        {
            throw Invalid($"The tarball's entry {name} is not a file, but has content");
        }

        switch (entry.Type)
        {
            case '5' or '0' or '\0' or '7':
                return;
            case '2':
                path.CheckSymbolicTarget(entry.LinkTarget);
                break;
            case '1':
                path.CheckHardTarget(entry.LinkTarget);
                _files++;
                break;
            case '3' or '4' or '6':
                throw Invalid($"The tarball contains a device or pipe: {name}");
            default:
                throw Invalid($"The tarball contains an entry of an unknown kind: {name}");
        }

        _links.Add(path.Below);
        if (_links.Count > MaxLinks || IsPackageJson(path.Below))
        {
            throw Invalid(_links.Count > MaxLinks ? $"The tarball has more than {MaxLinks} links" : "The tarball's package.json is a link");
        }
    }

    private async ValueTask VisitFileAsync(string path, TarHeader entry, InflatedTarball bytes, CancellationToken cancellationToken)
    {
        _files++;
        _unpackedSize += entry.Size;
        var kept = 0;
        if (IsPackageJson(path))
        {
            _packageJson = new byte[PackageJsonSize(path, entry.Size)];
            kept = await KeepAsync(_packageJson, bytes, cancellationToken);
        }
        else if (IsBetterReadme(path))
        {
            _readmeName = path;
            _readme = new byte[Math.Min(entry.Size, MaxReadmeBytes)];
            kept = await KeepAsync(_readme, bytes, cancellationToken);
        }

        _hasBindingGyp |= path == "binding.gyp";
        _hasServerJs |= path == "server.js";
        _hasShrinkwrap |= path == "npm-shrinkwrap.json";
        await bytes.SkipAsync(entry.Size - kept, cancellationToken);
        await bytes.SkipAsync(entry.Padding, cancellationToken);
    }

    /// <summary>Also in another case: on some systems it would replace the real one.</summary>
    private static bool IsPackageJson(string path) => path.Equals("package.json", StringComparison.OrdinalIgnoreCase);

    private long PackageJsonSize(string path, long size) =>
        path != "package.json" ? throw Invalid($"The tarball has a {JsonReading.Printable(path)} in its root folder, which some systems take for package.json")
        : _packageJson is not null ? throw Invalid("The tarball has two files named package.json in its root folder")
        : size > MaxPackageJsonBytes ? throw Invalid($"The tarball's package.json is larger than {MaxPackageJsonBytes} bytes")
        : size;

    private static async ValueTask<int> KeepAsync(byte[] destination, InflatedTarball bytes, CancellationToken cancellationToken) =>
        destination.Length == 0 || await bytes.TryReadAsync(destination, cancellationToken)
            ? destination.Length
            : throw Invalid("The tarball ends in the middle of an entry");

    private bool IsBetterReadme(string path)
    {
        var rank = Array.IndexOf(ReadmeNames, path.ToLowerInvariant());
        return rank >= 0 && (_readmeName is null || rank < Array.IndexOf(ReadmeNames, _readmeName.ToLowerInvariant()));
    }

    private void RefuseBelowLink(string path)
    {
        if (_links.Count == 0)
        {
            return;
        }

        for (var end = path.Length; end > 0; end = path.LastIndexOf('/', end - 1))
        {
            if (_links.Contains(path[..end]))
            {
                throw Invalid($"The tarball contains an entry in place of or below a link: {JsonReading.Printable(path)}");
            }
        }
    }

    private TarballContents Describe()
    {
        if (_packageJson is null)
        {
            throw Invalid("The tarball has no package.json in its root folder");
        }

        try
        {
            return new TarballContents(PackageJson(_packageJson))
            {
                FileCount = _files,
                UnpackedSizeBytes = _unpackedSize,
                HasBindingGyp = _hasBindingGyp,
                HasServerJs = _hasServerJs,
                HasShrinkwrap = _hasShrinkwrap,
                Readme = _readme is null ? null : Encoding.UTF8.GetString(_readme).Replace('\0', '\uFFFD'),
                ReadmeFilename = _readmeName,
            };
        }
        catch (BodyRefusedException invalid)
        {
            throw Invalid(invalid.Message);
        }
    }

    private static JsonObject PackageJson(byte[] file) =>
        JsonReading.ParseObject(
            file.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? file.AsMemory(Encoding.UTF8.Preamble.Length) : file,
            "The tarball's package.json",
            JsonDuplicates.LastWins);
}
