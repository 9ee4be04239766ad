using Registry.Contracts.Http;

namespace Registry.Gateway.Mounts;

/// <summary>What is served where when no mounts are configured: the table in docs/architecture.md.</summary>
internal static class DefaultMounts
{
    public const string MainRepository = "main";

    /// <summary>Loft's packages are only those that were published here.</summary>
    public const string LoftRepository = "loft";

    /// <summary>Addresses of the listeners when none is configured.</summary>
    public static IReadOnlyDictionary<string, ListenerOptions> Listeners(string scheme) => new Dictionary<string, ListenerOptions>(StringComparer.Ordinal)
    {
        ["web"] = new() { Address = $"{scheme}://127.0.0.1:8080" },
        ["npm"] = new() { Address = $"{scheme}://127.0.0.1:3000" },
        ["loft"] = new() { Address = $"{scheme}://127.0.0.1:3030" },
    };

    /// <summary>The mounts; those of listeners that do not exist are left out.</summary>
    public static IReadOnlyList<Mount> Mounts { get; } =
    [
        new("web", "web", null, "/", Dialects.Native, MainRepository, null),
        new("web-npm", "web", null, "/r/{repository}/", Dialects.Npm, null, null),
        new("web-pantry", "web", null, "/pantry/", Dialects.Pantry, MainRepository, null),
        new("web-loft", "web", null, "/loft/", Dialects.Loft, LoftRepository, null, UsesUpstreams: false),
        new("npm", "npm", null, "/", Dialects.Npm, MainRepository, null),
        new("npm-pantry", "npm", null, "/", Dialects.Pantry, MainRepository, null),
        new("loft", "loft", null, "/", Dialects.Loft, LoftRepository, null, UsesUpstreams: false),
    ];
}
