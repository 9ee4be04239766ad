using System.Text.Json;

using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Data;
using Registry.PackageService.Features.DistTags;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;

namespace Registry.PackageService.Dialects.Npm;

/// <summary><c>/-/package/{name}/dist-tags</c> (npm protocol 3.6).</summary>
internal static class DistTagEndpoints
{
    private const int MaxBodyBytes = 4096;

    public static void MapDistTags(this IEndpointRouteBuilder npm)
    {
        var tags = npm.MapGroup("/-/package/{name}/dist-tags");
        tags.MapMethods("", Methods.Read, ListAsync);
        tags.MapPut("/{tag}", MoveAsync).RequireSignedIn();
        tags.MapPost("/{tag}", MoveAsync).RequireSignedIn();
        tags.MapDelete("/{tag}", RemoveAsync).RequireSignedIn();
    }

    private static async Task<IResult> ListAsync(
        PackageName name, HttpContext context, PackageAccess access, PackageDbContext db, CancellationToken cancellationToken)
    {
        if (await access.FindReadableAsync(context.GetMount().Repository, name, context.GetCaller(), cancellationToken) is not { } found)
        {
            return await ProxiedVersion.WithDocumentAsync(
                context, name,
                (elsewhere, document) => Send(context, elsewhere.IsForEveryone, elsewhere.Known.ChangedAt ?? DateTimeOffset.UnixEpoch, document.Tags),
                null,
                cancellationToken);
        }

        var tags = await db.DistTags.AsNoTracking().Where(t => t.PackageId == found.Package.Id).OrderBy(t => t.Tag).ToListAsync(cancellationToken);
        return Send(context, found.IsPublic, found.Package.ModifiedAt, tags.Select(static tag => (tag.Tag, tag.Version)));
    }

    private static IResult Send(HttpContext context, bool isPublic, DateTimeOffset modifiedAt, IEnumerable<(string Tag, string Version)> tags) =>
        DocumentAnswer.Send(context, isPublic, modifiedAt, writer =>
        {
            writer.WriteStartObject();
            foreach (var (tag, version) in tags)
            {
                writer.WriteString(tag, version);
            }

            writer.WriteEndObject();
        });

    private static async Task<IResult> MoveAsync(
        PackageName name, DistTagName tag, HttpContext context, MoveDistTag move, CancellationToken cancellationToken) =>
        await ReadVersionAsync(context.Request, cancellationToken) is { } version
            ? Answer(context, name, await move.ExecuteAsync(TargetOf(context, name), tag, version, cancellationToken))
            : RegistryProblem.Create(400, "invalid_version", "The body must be the version as a JSON string, for example \"1.2.3\"");

    private static async Task<IResult> RemoveAsync(
        PackageName name, DistTagName tag, HttpContext context, MoveDistTag move, CancellationToken cancellationToken) =>
        Answer(context, name, await move.ExecuteAsync(TargetOf(context, name), tag, null, cancellationToken));

    private static TaggedPackage TargetOf(HttpContext context, PackageName name) => new(context.GetMount().Repository, name, context.GetCaller());

    private static IResult Answer(HttpContext context, PackageName name, MoveDistTagOutcome outcome) =>
        outcome switch
        {
            MoveDistTagOutcome.Done done => WriteAnswer.Ok(context, name, done.Rev),
            MoveDistTagOutcome.Refused refused => refused.Refusal.ToProblem(),
            _ => throw new InvalidOperationException("Unknown outcome."),
        };

    /// <summary>npm sends the version as a bare JSON string, whatever content type it claims.</summary>
    private static async Task<SemVersion?> ReadVersionAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var body = new byte[MaxBodyBytes + 1];
        var length = await request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellationToken);
        try
        {
            return length <= MaxBodyBytes
                && JsonSerializer.Deserialize<string>(body.AsSpan(0, length)) is { } text
                && SemVersion.TryParse(text, out var version)
                ? version
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
