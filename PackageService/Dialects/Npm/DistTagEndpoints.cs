using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Data;
using Registry.PackageService.Features.DistTags;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.PackageService.Dialects.Npm;

/// <summary><c>/-/package/{name}/dist-tags</c> (npm protocol 3.6).</summary>
internal static class DistTagEndpoints
{
    private const int MostTags = 100;
    private const string ETagMember = "_etag"; // npm's own, of no meaning here

    public static void MapDistTags(this IEndpointRouteBuilder npm)
    {
        var tags = npm.MapGroup("/-/package/{name}/dist-tags");
        tags.MapMethods("", Methods.Read, ListAsync);
        tags.MapPut("", ReplaceAsync).RequireSignedIn();
        tags.MapPost("", MergeAsync).RequireSignedIn();
        tags.MapPut("/{tag}", MoveAsync).RequireSignedIn().WithoutSecondFactor();
        tags.MapPost("/{tag}", MoveAsync).RequireSignedIn().WithoutSecondFactor();
        tags.MapDelete("/{tag}", RemoveAsync).RequireSignedIn().WithoutSecondFactor();
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
        PackageName name, DistTagName tag, HttpContext context, MoveDistTags move, CancellationToken cancellationToken) =>
        RefuseLatest(context, tag) is { } challenge ? challenge
        : SemVersion.TryParse(await SmallJson.ReadAsync<string>(context.Request, cancellationToken), out var version)
            ? WriteAnswer.Of(context, name, await move.ExecuteAsync(context.TargetOf(name), TagMoves.Of(tag, version), cancellationToken))
            : RegistryProblem.Create(400, "invalid_version", "The body must be the version as a JSON string, for example \"1.2.3\"");

    private static async Task<IResult> RemoveAsync(
        PackageName name, DistTagName tag, HttpContext context, MoveDistTags move, CancellationToken cancellationToken) =>
        RefuseLatest(context, tag) is { } challenge
            ? challenge
            : WriteAnswer.Of(context, name, await move.ExecuteAsync(context.TargetOf(name), TagMoves.Of(tag, null), cancellationToken));

    /// <summary>What everybody gets who names no version needs a second factor as publishing does; other tags need none (npm protocol 5).</summary>
    private static ProblemHttpResult? RefuseLatest(HttpContext context, DistTagName tag) => tag == DistTagName.Latest ? context.RefuseWithoutSecondFactor() : null;

    private static Task<IResult> ReplaceAsync(PackageName name, HttpContext context, MoveDistTags move, CancellationToken cancellationToken) =>
        MoveSeveralAsync(name, context, (move, IsWhole: true), cancellationToken);

    private static Task<IResult> MergeAsync(PackageName name, HttpContext context, MoveDistTags move, CancellationToken cancellationToken) =>
        MoveSeveralAsync(name, context, (move, IsWhole: false), cancellationToken);

    private static async Task<IResult> MoveSeveralAsync(
        PackageName name, HttpContext context, (MoveDistTags Move, bool IsWhole) wanted, CancellationToken cancellationToken)
    {
        var versions = VersionsIn(await SmallJson.ReadAsync<Dictionary<string, string?>>(context.Request, cancellationToken));
        if (versions is null)
        {
            return RegistryProblem.Create(400, "invalid_tag", $"The body must be an object of at most {MostTags} dist-tags with their versions");
        }

        var moves = new TagMoves(versions, wanted.IsWhole);
        return WriteAnswer.Of(
            context, name, await wanted.Move.ExecuteAsync(context.TargetOf(name), moves, cancellationToken), StatusCodes.Status201Created, "dist-tags updated");
    }

    private static Dictionary<DistTagName, SemVersion?>? VersionsIn(Dictionary<string, string?>? body)
    {
        var versions = new Dictionary<DistTagName, SemVersion?>();
        foreach (var (tag, version) in body?.Where(member => member.Key != ETagMember) ?? [])
        {
            if (!DistTagName.TryParse(tag, out var name) || !SemVersion.TryParse(version, out var target))
            {
                return null;
            }

            versions[name] = target;
        }

        return body is null || versions.Count is 0 or > MostTags ? null : versions;
    }
}
