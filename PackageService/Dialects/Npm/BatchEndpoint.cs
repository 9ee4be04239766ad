using Microsoft.AspNetCore.Http.HttpResults;

using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Bodies;

namespace Registry.PackageService.Dialects.Npm;

/// <summary><c>pnpm publish -r --batch</c>: publish documents of several packages in one request, all or none (npm protocol 3.4).</summary>
internal static class BatchEndpoint
{
    public static void MapBatchPublish(this IEndpointRouteBuilder npm)
    {
        foreach (var path in new[] { "/-/pnpr/v0/publish", "/-/pnpm/v1/publish" }) // as pnpm 11 has shipped it, and as it will
        {
            npm.MapPut(path, PublishAsync).RequireSignedIn().WithLargeBody();
        }
    }

    private static async Task<IResult> PublishAsync(
        HttpContext context, PublishServices publishing, PublishBatch batch, CancellationToken cancellationToken)
    {
        // The names are in the body: before it, only the token can be judged.
        var publisher = new Publisher(context.GetMount().Repository, context.GetCaller(), context.Request.Headers["npm-session"]);
        if (publisher.Caller.Limits is { ReadOnly: true } && Rights.RefuseToken(publisher.Caller, "") is { } readOnly)
        {
            return readOnly.ToProblem();
        }

        return await publishing.Reader.ReadBatchAsync(context.Request, cancellationToken) switch
        {
            ReadOutcome.ReadBatch read => await batch.ExecuteAsync(read.Commands, publisher, cancellationToken) switch
            {
                BatchOutcome.Published published => Answer(context, published),
                BatchOutcome.Refused refused => refused.Outcome.ToProblem(),
                _ => throw new InvalidOperationException("Unknown outcome."),
            },
            ReadOutcome.Refused refused => refused.ToProblem(),
            _ => throw new InvalidOperationException("Unknown outcome."),
        };
    }

    private static JsonHttpResult<Document> Answer(HttpContext context, BatchOutcome.Published published)
    {
        context.MarkChanged([.. published.Revs.Keys]);
        var packages = published.Revs.Select(one => new PackageDocument(one.Key.Value, one.Value));
        return TypedResults.Json(new Document(true, true, [.. packages]), RegistryJson.Options, statusCode: StatusCodes.Status201Created);
    }

    private sealed record Document(bool Ok, bool Success, IReadOnlyList<PackageDocument> Packages);

    private sealed record PackageDocument(string Id, string Rev);
}
