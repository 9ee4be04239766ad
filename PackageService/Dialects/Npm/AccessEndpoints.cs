using System.Text.Json.Serialization;

using Microsoft.AspNetCore.Http.HttpResults;

using Registry.PackageService.Data;
using Registry.PackageService.Features.Access;
using Registry.PackageService.Packages;
using Registry.PackageService.Proxying;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.PackageService.Dialects.Npm;

/// <summary>Who may read a package, and what publishing it demands: <c>npm access get</c> and <c>set</c> (npm protocol 3.7).</summary>
internal static class AccessEndpoints
{
    private const string Public = "public";
    private const string Restricted = "restricted";

    public static void MapAccess(this IEndpointRouteBuilder npm)
    {
        npm.MapMethods("/-/package/{name}/visibility", Methods.Read, GetVisibilityAsync);
        npm.MapMethods("/-/package/{name}/access", Methods.Read, GetAccessAsync);
        npm.MapPost("/-/package/{name}/access", ChangeAsync).RequireSignedIn();
    }

    private static async Task<IResult> GetVisibilityAsync(
        PackageName name, HttpContext context, PackageAccess access, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (await access.FindReadableAsync(context.GetMount().Repository, name, context.GetCaller(), cancellationToken) is { } found)
        {
            return TypedResults.Ok(new VisibilityDocument(found.IsPublic));
        }

        var elsewhere = await context.FindElsewhereAsync(name, (PackumentForm.Abbreviated, Freshness.Any), cancellationToken);
        return elsewhere is Proxied.Found proxied ? TypedResults.Ok(new VisibilityDocument(proxied.IsForEveryone)) : elsewhere.ToProblem(context);
    }

    private static async Task<IResult> GetAccessAsync(
        PackageName name, HttpContext context, PackageAccess access, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        return await access.FindReadableAsync(context.GetMount().Repository, name, context.GetCaller(), cancellationToken) is { } found
            ? TypedResults.Ok(DocumentOf(found.Package))
            : ProblemResults.PackageNotFound();
    }

    private static async Task<IResult> ChangeAsync(PackageName name, HttpContext context, ChangeAccess change, CancellationToken cancellationToken)
    {
        if (await SmallJson.ReadAsync<ChangeDocument>(context.Request, cancellationToken) is not { } document)
        {
            return RegistryProblem.Create(400, "invalid_json", "The body is not the JSON this address expects");
        }

        if (document.Access is not (null or Public or Restricted))
        {
            return RegistryProblem.Create(400, "invalid_access", "The access must be public or restricted");
        }

        if (document is { Access: null, PublishRequiresTfa: null, AutomationTokenOverridesTfa: null })
        {
            return RegistryProblem.Create(400, "invalid_request", "The body must say access, publish_requires_tfa or automation_token_overrides_tfa");
        }

        return await change.ExecuteAsync(context.GetMount().Repository, name, ChangeOf(document), context.GetCaller(), cancellationToken) switch
        {
            ChangeAccessOutcome.Done(var package) => Changed(context, name, package),
            ChangeAccessOutcome.Refused(var refusal) => refusal.ToProblem(),
            _ => throw new InvalidOperationException("Unknown outcome."),
        };
    }

    private static AccessChange ChangeOf(ChangeDocument document) => new(
        document.Access switch
        {
            Public => Visibility.Public,
            Restricted => Visibility.Restricted,
            _ => null,
        },
        document.PublishRequiresTfa,
        document.AutomationTokenOverridesTfa);

    private static Ok<AccessDocument> Changed(HttpContext context, PackageName name, Package package)
    {
        context.MarkChanged(name);
        return TypedResults.Ok(DocumentOf(package));
    }

    private static AccessDocument DocumentOf(Package package) => new(
        package.Visibility == Visibility.Restricted ? Restricted : Public, package.PublishRequiresTfa, package.AutomationTokenOverridesTfa);

    private sealed record VisibilityDocument(bool Public);

    private sealed record ChangeDocument(
        string? Access,
        [property: JsonPropertyName("publish_requires_tfa")] bool? PublishRequiresTfa,
        [property: JsonPropertyName("automation_token_overrides_tfa")] bool? AutomationTokenOverridesTfa);

    private sealed record AccessDocument(
        string Access,
        [property: JsonPropertyName("publish_requires_tfa")] bool PublishRequiresTfa,
        [property: JsonPropertyName("automation_token_overrides_tfa")] bool AutomationTokenOverridesTfa);
}
