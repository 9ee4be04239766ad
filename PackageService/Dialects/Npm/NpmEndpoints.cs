using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Data;
using Registry.PackageService.Explaining;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.PackageService.Dialects.Npm;

/// <summary>The npm registry protocol, as far as packages go.</summary>
internal static class NpmEndpoints
{
    public static void MapNpm(this IEndpointRouteBuilder routes)
    {
        var npm = routes.MapGroup("/" + Contracts.Http.Dialects.Npm).AddEndpointFilter<NameBindingFilter>().AddEndpointFilter<ExplainFilter>();
        npm.MapMethods("/", Methods.Read, DescribeAsync);
        npm.MapMethods("/-/ping", Methods.Read, () => TypedResults.Ok(new Dictionary<string, string>()));

        // Browsers ask for these beside every document; they must never be taken for packages.
        npm.MapMethods("/favicon.ico", Methods.Read, () => ProblemResults.PackageNotFound());
        npm.MapMethods("/robots.txt", Methods.Read, () => ProblemResults.PackageNotFound());

        // Whatever the method: 405 tells clients of something that is there, and yarn 1 takes it for a failure (npm protocol 1.5, 3.7).
        foreach (var below in new[] { "/-/{**rest}", "/{**rest}" })
        {
            npm.Map(below, () => RegistryProblem.Create(404, "not_supported", "Not found: this registry does not have this part of the npm protocol"));
        }

        npm.MapPackuments();
        npm.MapManifests();
        npm.MapTarballs();
        npm.MapDistTags();
        npm.MapDownloads();
        npm.MapFeed();
        npm.MapHooks();
        npm.MapAudit();
        npm.MapAccess();
        npm.MapCollaborators();
        npm.MapPackageLists();
        npm.MapTeamPackages();
        npm.MapKeys();
        npm.MapAttestations();
        npm.MapPublish();
        npm.MapBatchPublish();
        npm.MapRevisionWrites();
        npm.MapOwners();
        npm.MapStars();
    }

    /// <summary>What old tools and people with a browser ask for; counts what everyone may see.</summary>
    private static async Task<IResult> DescribeAsync(HttpContext context, PackageDbContext db, CancellationToken cancellationToken)
    {
        var repository = context.GetMount().Repository;
        var count = await db.Packages.CountAsync(
            p => p.Visibility == Visibility.Public
                && db.Repositories.Any(r => r.Id == p.RepositoryId && r.Name == repository && r.ReadAccess == ReadAccess.Everyone),
            cancellationToken);
        var head = await db.ChangesHeadAsync(cancellationToken);
        return TypedResults.Ok(new DatabaseDocument("registry", count, head));
    }

    /// <summary>The members keep the names CouchDB gave them.</summary>
    private sealed record DatabaseDocument(
        [property: System.Text.Json.Serialization.JsonPropertyName("db_name")] string Name,
        [property: System.Text.Json.Serialization.JsonPropertyName("doc_count")] int Count,
        [property: System.Text.Json.Serialization.JsonPropertyName("update_seq")] long Head);
}
