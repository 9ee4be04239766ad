using System.Text.Json;
using System.Text.Json.Serialization;

using Registry.PackageService.Features.Advisories;
using Registry.ServiceDefaults;

namespace Registry.PackageService.Dialects.Npm;

/// <summary>
/// <c>/-/npm/v1/security</c> (npm protocol 3.9): what clients ask after every installation and for <c>npm audit</c>. Nobody is asked in turn,
/// and an answer names only what the question did.
/// </summary>
internal static class AuditEndpoints
{
    private const int MostBytes = 8 * 1024 * 1024;
    private const int MostVersions = 100_000;
    private const int DeepestTree = 256;
    private const string WrongBulk = "The body must be an object of arrays: the versions of each package";

    public static void MapAudit(this IEndpointRouteBuilder npm)
    {
        var security = npm.MapGroup("/-/npm/v1/security");
        security.MapPost("/advisories/bulk", FindAsync);
        security.MapPost("/audits", AuditAsync);
        security.MapPost("/audits/quick", AuditAsync);
    }

    /// <summary>npm 7 and later, pnpm 11, berry 4, bun.</summary>
    private static async Task<IResult> FindAsync(HttpContext context, FindAdvisories advisories, CancellationToken cancellationToken)
    {
        var (body, refusal) = await ParseAsync(context.Request, cancellationToken);
        using (body)
        {
            if (refusal is not null || Read(body!.RootElement, VersionsOf) is not { } installed)
            {
                return refusal ?? RegistryProblem.Create(400, "invalid_json", WrongBulk);
            }

            var found = await advisories.ExecuteAsync(installed, cancellationToken);
            return TypedResults.Ok(found.GroupBy(static one => one.Advisory.Package, StringComparer.Ordinal)
                .ToDictionary(static package => package.Key, static package => package.Select(BulkAdvisory.Of).ToList(), StringComparer.Ordinal));
        }
    }

    /// <summary>npm 6, pnpm before 11, berry 3, and npm 7 to 10 when the other fails.</summary>
    private static async Task<IResult> AuditAsync(HttpContext context, FindAdvisories advisories, CancellationToken cancellationToken)
    {
        var (body, refusal) = await ParseAsync(context.Request, cancellationToken);
        using (body)
        {
            if (refusal is not null || Read(body!.RootElement, DependencyTree.Read) is not { } tree)
            {
                return refusal ?? RegistryProblem.Create(400, "invalid_json", $"The body must be a tree of dependencies, of at most {DependencyTree.MostPackages} packages");
            }

            return TypedResults.Ok(AuditDocument.Of(tree, await advisories.ExecuteAsync(tree.Versions, cancellationToken)));
        }
    }

    private static async Task<(JsonDocument? Body, IResult? Refusal)> ParseAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(request, MostBytes, cancellationToken);
        try
        {
            return body.Refusal is null
                ? (JsonDocument.Parse(body.Bytes, new JsonDocumentOptions { MaxDepth = DeepestTree }), null)
                : (null, body.Refusal);
        }
        catch (JsonException)
        {
            return (null, RegistryProblem.Create(400, "invalid_json", "The body is not JSON, or nested too deep"));
        }
    }

    private static T? Read<T>(JsonElement root, Func<JsonElement, T?> read)
        where T : class
    {
        try
        {
            return read(root);
        }
        catch (InvalidOperationException)
        {
            return null; // text with half of a surrogate pair: only reading it fails
        }
    }

    /// <returns>Null when it has another shape, or names more than anybody has installed.</returns>
    private static Dictionary<string, HashSet<string>>? VersionsOf(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var installed = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        var versions = 0;
        foreach (var package in root.EnumerateObject())
        {
            if (package.Value.ValueKind != JsonValueKind.Array || (versions += 1 + package.Value.GetArrayLength()) > MostVersions)
            {
                return null;
            }

            foreach (var version in package.Value.EnumerateArray())
            {
                if (version.ValueKind != JsonValueKind.String)
                {
                    return null;
                }

                DependencyTree.Add(installed, package.Name, version.GetString()!);
            }
        }

        return installed;
    }
}

/// <summary>An advisory as clients of the bulk endpoint read it; pnpm wants the number and the range, whatever else there is.</summary>
internal sealed record BulkAdvisory(
    long Id,
    string Url,
    string Title,
    string Severity,
    [property: JsonPropertyName("vulnerable_versions")] string VulnerableVersions,
    IReadOnlyList<string> Cwe,
    BulkCvss Cvss)
{
    public static BulkAdvisory Of(FoundAdvisory found)
    {
        var advisory = found.Advisory;
        return new BulkAdvisory(advisory.Id, advisory.Url, advisory.Title, advisory.Severity, advisory.VulnerableVersions, advisory.Cwe, BulkCvss.Of(found));
    }
}

/// <summary>How grave it is; 0 when nobody says.</summary>
internal sealed record BulkCvss(double Score, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? VectorString)
{
    public static BulkCvss Of(FoundAdvisory found) => new(found.Advisory.CvssScore ?? 0, found.Advisory.CvssVector);
}
