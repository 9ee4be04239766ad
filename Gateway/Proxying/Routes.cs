using System.Collections.Frozen;

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
        new(Dialects.Native, "/api/v1/organisations", ServiceNames.Auth),
        new(Dialects.Native, "/api/v1/whoami", ServiceNames.Auth),
        new(Dialects.Native, "/api/v1", ServiceNames.Packages),
        new(Dialects.Native, "/", ServiceNames.Web),
        new(Dialects.Npm, "/-/user/*/package", ServiceNames.Packages),
        new(Dialects.Npm, "/-/user/*/stars", ServiceNames.Packages),
        new(Dialects.Npm, "/-/user/package", ServiceNames.Packages),
        new(Dialects.Npm, "/-/user/v1/star", ServiceNames.Packages),
        new(Dialects.Npm, "/-/user", ServiceNames.Auth),
        new(Dialects.Npm, "/-/whoami", ServiceNames.Auth),
        new(Dialects.Npm, "/-/npm/v1/tokens", ServiceNames.Auth),
        new(Dialects.Npm, "/-/npm/v1/user", ServiceNames.Auth),
        new(Dialects.Npm, "/-/v1/login", ServiceNames.Auth),
        new(Dialects.Npm, "/-/org/*/package", ServiceNames.Packages),
        new(Dialects.Npm, "/-/org", ServiceNames.Auth),
        new(Dialects.Npm, "/-/team/*/*/package", ServiceNames.Packages),
        new(Dialects.Npm, "/-/team", ServiceNames.Auth),
        new(Dialects.Npm, "/-/v1/search", ServiceNames.Search),
        new(Dialects.Npm, "/", ServiceNames.Packages),
        new(Dialects.Pantry, "/search", ServiceNames.Search),
        new(Dialects.Pantry, "/", ServiceNames.Packages),
        new(Dialects.Loft, "/", ServiceNames.Packages),
    ];

    private static readonly FrozenDictionary<string, Route[]> ByDialect =
        Table.GroupBy(route => route.Dialect, StringComparer.Ordinal).ToFrozenDictionary(rows => rows.Key, rows => rows.ToArray(), StringComparer.Ordinal);

    /// <summary>The service for a target below a mount; null when there is none.</summary>
    public static string? ServiceFor(string dialect, string target)
    {
        // The services read the path with the same function, so both see the same segments.
        var path = TargetPath.Normalise(target);
        if (path is not null && ByDialect.TryGetValue(dialect, out var rows))
        {
            foreach (var route in rows)
            {
                if (route.Covers(path))
                {
                    return route.Service;
                }
            }
        }

        return null;
    }
}

/// <summary>A row of the table.</summary>
/// <param name="Dialect">The mount's dialect.</param>
/// <param name="Path">The path, and with it everything below; <c>*</c> is any one segment.</param>
/// <param name="Service">Who answers; null for nobody.</param>
internal sealed record Route(string Dialect, string Path, string? Service)
{
    private readonly string[] _segments = Path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    public bool Covers(string path)
    {
        var rest = path.AsSpan();
        foreach (var segment in _segments)
        {
            if (rest.IsEmpty)
            {
                return false;
            }

            rest = rest[1..]; // the slash
            var end = rest.IndexOf('/');
            var here = end < 0 ? rest : rest[..end];
            if (segment == "*" ? here.IsEmpty : !here.Equals(segment, Comparison))
            {
                return false;
            }

            rest = end < 0 ? [] : rest[end..];
        }

        return true;
    }

    // What is refused is refused in any case: the services' own routing does not look at case.
    private StringComparison Comparison => Service is null ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
}
