using Registry.Contracts.Http;
using Registry.ServiceDefaults.Routing;

namespace Registry.Gateway.Proxying;

/// <summary>
/// Which service answers what: the one table, first match wins. A path stands for itself and everything below it, as
/// seen behind the mount's prefix. The README shows the same rows and a test compares them.
/// </summary>
internal static class Routes
{
    /// <summary>The table.</summary>
    public static IReadOnlyList<Route> Table { get; } =
    [
        new(Dialects.Native, "/internal", null), // the services' own; each refuses users there as well
        new(Dialects.Native, "/api/v1/search", ServiceNames.Search),
        new(Dialects.Native, "/api/v1/accounts", ServiceNames.Auth),
        new(Dialects.Native, "/api/v1/whoami", ServiceNames.Auth),
        new(Dialects.Native, "/api/v1", ServiceNames.Packages),
        new(Dialects.Native, "/", ServiceNames.Web),
        new(Dialects.Npm, "/-/user", ServiceNames.Auth),
        new(Dialects.Npm, "/-/whoami", ServiceNames.Auth),
        new(Dialects.Npm, "/-/npm/v1/tokens", ServiceNames.Auth),
        new(Dialects.Npm, "/-/npm/v1/user", ServiceNames.Auth),
        new(Dialects.Npm, "/-/v1/login", ServiceNames.Auth),
        new(Dialects.Npm, "/-/v1/search", ServiceNames.Search),
        new(Dialects.Npm, "/", ServiceNames.Packages),
        new(Dialects.Pantry, "/search", ServiceNames.Search),
        new(Dialects.Pantry, "/", ServiceNames.Packages),
        new(Dialects.Loft, "/", ServiceNames.Packages),
    ];

    /// <summary>The service for a target below a mount; null when there is none.</summary>
    public static string? ServiceFor(string dialect, string target)
    {
        // The services read the path with the same function, so both see the same segments.
        var path = TargetPath.Normalise(target);
        return path is null ? null : Table.FirstOrDefault(route => route.Dialect == dialect && route.Covers(path))?.Service;
    }
}

/// <summary>A row of the table.</summary>
/// <param name="Dialect">The mount's dialect.</param>
/// <param name="Path">The path, and with it everything below.</param>
/// <param name="Service">Who answers; null for nobody.</param>
internal sealed record Route(string Dialect, string Path, string? Service)
{
    public bool Covers(string path) =>
        Path == "/"
        || (path.StartsWith(Path, Comparison) && (path.Length == Path.Length || path[Path.Length] == '/'));

    // What is refused is refused in any case: the services' own routing does not look at case.
    private StringComparison Comparison => Service is null ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
}
