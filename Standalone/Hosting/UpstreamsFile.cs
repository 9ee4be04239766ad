using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

using Registry.Standalone.Folder;
using Registry.Standalone.Options;
using Registry.Standalone.Processes;
using Registry.Upstreams;
using Registry.Upstreams.Configuration;

namespace Registry.Standalone.Hosting;

/// <summary>
/// The registries that packages come from which are not published here: <c>pantry.json</c> in the data directory. PackageService reads it; we
/// make it, once, from what npm is configured with.
/// </summary>
internal sealed partial class UpstreamsFile(DataFolder folder, RegistryOptions options)
{
    private const int MaxBytes = 1024 * 1024;
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    // What says how to reach a registry, beside what the file itself names; programs differ in how they write them.
    private static readonly string[] Proxies = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"];

    /// <summary>Where it is; it may be missing.</summary>
    public string Location => options["Upstreams:File"] is { } given ? Path.GetFullPath(given) : folder.Upstreams;

    // A link to a file that is not there yet is the operator's too.
    private bool IsThere => Path.Exists(Location) || new FileInfo(Location).LinkTarget is not null;

    /// <summary>Makes it when the operator has said nothing about upstreams yet. One that is there is never changed.</summary>
    /// <param name="npm">The program to ask; null when there is none.</param>
    /// <param name="listeners">Ours: we are no upstream of ourselves.</param>
    /// <param name="say">Is told where packages will come from, or why from nowhere.</param>
    /// <param name="cancellationToken">Ends npm.</param>
    public async Task PrepareAsync(string? npm, Listeners listeners, Action<string> say, CancellationToken cancellationToken)
    {
        if (!options.UsesUpstreams || options["Upstreams:Url"] is not null || options["Upstreams:File"] is not null || IsThere)
        {
            return;
        }

        var (registry, reason) = await NpmConfiguration.RegistryAsync(npm, cancellationToken);
        if (registry is not null && IsOurs(registry, listeners))
        {
            (registry, reason) = (null, "npm is configured with this registry itself");
        }

        if (registry is null)
        {
            say($"Packages that are not published here are not found: {reason}. Name a registry in {Location} to change that.");
        }
        else if (!IsThere) // the operator may have been faster than npm
        {
            PrivateFiles.Write(Location, NpmConfiguration.AsPantryFile(registry));
            say($"Packages that are not published here come from {registry}, as npm is configured: change that in {Location}.");
        }
    }

    /// <summary>Refuses a file that PackageService would refuse, before anything is started.</summary>
    /// <exception cref="RefusedException">It cannot be used; everything that is wrong is named by file, line and key.</exception>
    public void Check()
    {
        if (!options.UsesUpstreams)
        {
            return;
        }

        try
        {
            using var registries = new RegistryManager();
            registries.LoadFromConfig(Text(), Location);
        }
        catch (Exception unusable) when (unusable is RegistryConfigException or IOException or UnauthorizedAccessException)
        {
            throw new RefusedException($"The upstreams cannot be used:{Environment.NewLine}{unusable.Message}");
        }
    }

    /// <summary>For the operator's eyes: the URL of the only upstream, or the names of several, and where that is said. Never fails.</summary>
    public string Describe()
    {
        if (!options.UsesUpstreams)
        {
            return "none (Upstreams:Enabled is false)";
        }

        var file = Path.GetFileName(Location);
        try
        {
            var all = Read();
            List<(string Name, string Shown, string Source)> asked = [.. all.Where(static upstream => upstream.IsEnabled).Select(upstream => (upstream.Name, upstream.Shown, file))];
            if (options["Upstreams:Url"] is { } url && !all.Exists(static upstream => upstream.Name.Equals("npm", StringComparison.OrdinalIgnoreCase)))
            {
                asked.Add(("npm", url, "Upstreams:Url"));
            }

            return asked switch
            {
                [] => "none",
                [var only] => $"{only.Shown}  ({only.Source})",
                var several => $"{string.Join(", ", several.Select(static upstream => upstream.Name))}  ({string.Join(", ", several.Select(static upstream => upstream.Source).Distinct())})",
            };
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            return $"{file} cannot be read";
        }
    }

    /// <summary>Variables that whoever reads the file needs: those it names, and those that say through which proxy a registry is reached.</summary>
    public IReadOnlySet<string> Variables()
    {
        try
        {
            return new HashSet<string>([.. Variable().Matches(Text()).Select(static match => match.Groups[1].Value), .. Proxies], StringComparer.Ordinal);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return new HashSet<string>(Proxies, StringComparer.Ordinal); // PackageService says what is wrong with it
        }
    }

    private string Text() =>
        !File.Exists(Location) ? "{}"
        : new FileInfo(Location).Length > MaxBytes ? throw new IOException($"{Location} is larger than 1 MB.")
        : File.ReadAllText(Location);

    private List<(string Name, string Shown, bool IsEnabled)> Read()
    {
        using var document = JsonDocument.Parse(Text(), Lenient);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("registries", out var entries) && entries.ValueKind == JsonValueKind.Array
            ? [.. entries.EnumerateArray()
                .Where(static entry => entry.ValueKind == JsonValueKind.Object)
                .OrderBy(static entry => entry.TryGetProperty("priority", out var priority) && priority.ValueKind == JsonValueKind.Number && priority.TryGetInt32(out var number) ? number : RegistryConfig.DefaultPriority)
                .Select(static entry => (Name: TextOf(entry, "name") ?? "?", Url: TextOf(entry, "url"), IsEnabled: !(entry.TryGetProperty("enabled", out var enabled) && enabled.ValueKind == JsonValueKind.False)))
                .Select(static entry => (entry.Name, entry.Url is { } url && OptionKind.Upstream.Accepts(url) ? url : entry.Name, entry.IsEnabled))] // a password in it is not for the terminal
            : [];
    }

    private static string? TextOf(JsonElement entry, string key) =>
        entry.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>npm may be set to this very registry, which would then ask itself for what it does not have.</summary>
    private bool IsOurs(Uri registry, Listeners listeners) =>
        listeners.LocalUrls.Values.Select(static url => new Uri(url)).Any(own =>
            own.Port == registry.Port && (registry.IsLoopback || own.Host == registry.Host || string.Equals(registry.Host, Dns.GetHostName(), StringComparison.OrdinalIgnoreCase)))
        || options.Values.Any(option => option.Key.EndsWith("PublicUrl", StringComparison.OrdinalIgnoreCase) && new Uri($"{option.Value}/").IsBaseOf(registry));

    [GeneratedRegex(@"\$\{([A-Za-z0-9_]+)\}")]
    private static partial Regex Variable();
}
