using Registry.PackageService.Data;
using Registry.Upstreams;
using Registry.Upstreams.Configuration;

namespace Registry.PackageService.Proxying;

/// <summary>The upstreams of the file, changed by what administrators said.</summary>
/// <param name="Registries">By priority, disabled ones too.</param>
/// <param name="LeftOut">Why an upstream that administrators spoke of is not among them, one sentence for each.</param>
internal sealed record MergedUpstreams(IReadOnlyList<RegistryConfig> Registries, IReadOnlyList<string> LeftOut)
{
    /// <summary>The upstream of a name; null when there is none.</summary>
    public RegistryConfig? Find(string name) => Registries.FirstOrDefault(config => IsCalled(config, name));

    /// <summary>Merges key by key: what was never said follows the file.</summary>
    public static MergedUpstreams Of(IReadOnlyList<RegistryConfig> file, IEnumerable<UpstreamRow> rows)
    {
        var (configs, leftOut) = (file.ToList(), new List<string>());
        foreach (var row in rows.OrderBy(static row => row.Revision))
        {
            try
            {
                Apply(row, configs);
            }
            catch (RegistryConfigException unusable)
            {
                configs.RemoveAll(config => IsCalled(config, row.Name)); // half of what was said may be worse than nothing
                leftOut.Add($"The upstream '{row.Name}' is left out, since what was said of it does not fit the file any more: {unusable.Message}");
            }
        }

        return new MergedUpstreams([.. configs.OrderBy(static config => config.Priority)], leftOut);
    }

    private static void Apply(UpstreamRow row, List<RegistryConfig> configs)
    {
        var at = configs.FindIndex(config => IsCalled(config, row.Name));
        var changed = row.Entry is { } entry ? RegistryConfig.Read(entry, $"the upstream '{row.Name}'", at < 0 ? null : configs[at]) : null;
        if (at < 0 && changed is not null)
        {
            configs.Add(changed);
        }
        else if (changed is not null)
        {
            configs[at] = changed;
        }
        else if (at >= 0)
        {
            configs.RemoveAt(at);
        }
    }

    private static bool IsCalled(RegistryConfig config, string name) => config.Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}
