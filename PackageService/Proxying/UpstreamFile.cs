using Registry.Upstreams;
using Registry.Upstreams.Configuration;

namespace Registry.PackageService.Proxying;

/// <summary>The upstreams an operator wrote down, in the order of the file.</summary>
/// <param name="Registries">The upstreams; those of the last file that could be used when this one cannot.</param>
/// <param name="Stamp">When the file was written, and its size; null without a file.</param>
/// <param name="Problem">Why it cannot be used; null when it can.</param>
internal sealed record UpstreamFile(IReadOnlyList<RegistryConfig> Registries, (DateTime WrittenAt, long Size)? Stamp, string? Problem)
{
    private const long LargestFile = 1024 * 1024;

    /// <summary>Nothing was read yet.</summary>
    public static UpstreamFile None { get; } = new([], null, null);

    /// <summary>
    /// What the options name, or <paramref name="former"/> itself when that has not changed. A file that was there and is gone cannot be used
    /// either: whoever saves it may be about to write it again, and whoever wants no upstreams can say so.
    /// </summary>
    public static UpstreamFile Read(ProxyOptions options, UpstreamFile former)
    {
        (DateTime, long)? stamp = null;
        try
        {
            var file = options is { Enabled: true, File.Length: > 0 } ? FileAt(options.File) : null;
            stamp = file?.Exists == true ? (file.LastWriteTimeUtc, file.Length) : null;
            return stamp == former.Stamp && !ReferenceEquals(former, None) ? former
                : stamp is null && former.Stamp is not null ? former with { Stamp = null, Problem = $"{options.File} is not there any more" }
                : new UpstreamFile(RegistriesOf(options, stamp is null ? null : file), stamp, null);
        }
        catch (Exception unusable) when (unusable is RegistryConfigException or IOException or UnauthorizedAccessException)
        {
            return former with { Stamp = stamp, Problem = unusable.Message };
        }
        catch (ArgumentException wrong)
        {
            return former with { Stamp = stamp, Problem = $"Upstreams:Url: {wrong.Message}" };
        }
    }

    /// <summary>What a link leads to: a link stays as it is when another file takes the place of the one behind it.</summary>
    private static FileInfo FileAt(string path) => new FileInfo(path) is var file && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? target : file;

    private static IReadOnlyList<RegistryConfig> RegistriesOf(ProxyOptions options, FileInfo? file)
    {
        using var registries = new RegistryManager();
        if (file is not null)
        {
            Load(registries, file, options.File!);
        }

        if (options is { Enabled: true, Url: { } url } && registries.GetRegistry("npm") is null)
        {
            registries.AddRegistry(RegistryConfig.Npm(url));
        }

        return registries.Registries;
    }

    private static void Load(RegistryManager registries, FileInfo file, string called)
    {
        if (file.Length > LargestFile)
        {
            throw new IOException($"{called} is larger than {LargestFile} bytes.");
        }

        registries.LoadFromConfig(File.ReadAllText(file.FullName), called);
    }
}
