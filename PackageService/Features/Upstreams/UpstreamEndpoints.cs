using System.Text;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Http.HttpResults;

using Registry.PackageService.Dialects;
using Registry.PackageService.Proxying;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;

namespace Registry.PackageService.Features.Upstreams;

/// <summary>
/// <c>/api/v1/upstreams</c>: the upstreams for administrators, as entries of a <c>pantry.json</c>. What is secret can be written and not
/// read. A change holds from the next read on, on every instance.
/// </summary>
internal static class UpstreamEndpoints
{
    private const int LargestEntry = 64 * 1024;

    public static void MapUpstreams(this IEndpointRouteBuilder api)
    {
        var upstreams = api.MapGroup("/upstreams").RequireSignedIn();
        upstreams.MapGet("/{name}/health", HealthAsync);
        var all = upstreams.MapGroup("").AddEndpointFilter<AdministratorFilter>();
        var writes = all.MapGroup("").AddEndpointFilter(ForgetAsync);
        all.MapGet("", ListAsync);
        all.MapGet("/{name}", GetAsync);
        writes.MapPost("", AddAsync);
        writes.MapPatch("/{name}", ChangeAsync);
        writes.MapDelete("/{name}", RemoveAsync);
    }

    private static ValueTask<object?> ForgetAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        context.HttpContext.MarkUpstreamsChanged();
        return next(context);
    }

    private static async Task<IResult> ListAsync(UpstreamDirectory directory, ChangeUpstreams changes, CancellationToken cancellationToken)
    {
        var set = await directory.GetLatestAsync(cancellationToken);
        var origins = await changes.OriginsAsync(cancellationToken);
        var list = new JsonArray([.. set.All.Select(upstream => (JsonNode)Shown(upstream, origins))]);
        return TypedResults.Ok(new JsonObject { ["upstreams"] = list, ["problem"] = set.Problem });
    }

    private static async Task<IResult> GetAsync(string name, UpstreamDirectory directory, ChangeUpstreams changes, CancellationToken cancellationToken) =>
        (await directory.GetLatestAsync(cancellationToken)).Find(name) is { } upstream
            ? TypedResults.Ok(Shown(upstream, await changes.OriginsAsync(cancellationToken)))
            : NotFound(name);

    /// <summary>For everybody with an account: those whose installation hangs want to know why.</summary>
    private static async Task<IResult> HealthAsync(string name, UpstreamDirectory directory, CancellationToken cancellationToken) =>
        (await directory.GetLatestAsync(cancellationToken)).Find(name) is { } upstream
            ? TypedResults.Ok(UpstreamHealthResponse.Of(upstream))
            : NotFound(name);

    private static async Task<IResult> AddAsync(HttpContext context, ChangeUpstreams changes, UpstreamDirectory directory, CancellationToken cancellationToken) =>
        await ReadAsync(context, cancellationToken) is not { } entry ? TooLarge()
            : await AnswerAsync(await changes.AddAsync(entry, context.GetCaller().UserName!, cancellationToken), StatusCodes.Status201Created, directory, changes, cancellationToken);

    private static async Task<IResult> ChangeAsync(
        string name, HttpContext context, ChangeUpstreams changes, UpstreamDirectory directory, CancellationToken cancellationToken) =>
        await ReadAsync(context, cancellationToken) is not { } entry ? TooLarge()
            : await AnswerAsync(await changes.ChangeAsync(name, entry, context.GetCaller().UserName!, cancellationToken), StatusCodes.Status200OK, directory, changes, cancellationToken);

    private static async Task<IResult> RemoveAsync(string name, HttpContext context, ChangeUpstreams changes, CancellationToken cancellationToken) =>
        await changes.RemoveAsync(name, context.GetCaller().UserName!, cancellationToken) is UpstreamChange.Done ? TypedResults.NoContent() : NotFound(name);

    private static async Task<IResult> AnswerAsync(
        UpstreamChange change, int status, UpstreamDirectory directory, ChangeUpstreams changes, CancellationToken cancellationToken) =>
        change switch
        {
            UpstreamChange.Done done when (await directory.GetLatestAsync(cancellationToken)).Find(done.Name) is { } upstream =>
                TypedResults.Json(Shown(upstream, await changes.OriginsAsync(cancellationToken)), statusCode: status),
            UpstreamChange.Invalid invalid => RegistryProblem.Create(400, "invalid_upstream", invalid.Message),
            UpstreamChange.Exists exists => RegistryProblem.Create(409, "upstream_exists", $"There is an upstream '{exists.Name}' already: change it with PATCH"),
            UpstreamChange.TooMany => RegistryProblem.Create(400, "too_many_upstreams", $"There can be at most {ChangeUpstreams.Most} upstreams"),
            _ => RegistryProblem.Create(404, "upstream_not_found", "There is no such upstream"),
        };

    private static JsonObject Shown(Upstream upstream, IReadOnlyDictionary<string, string> origins)
    {
        var entry = JsonNode.Parse(upstream.Config.ToJson(includeSecrets: false))!.AsObject();
        entry["origin"] = origins.GetValueOrDefault(upstream.Name, "file");
        return entry;
    }

    private static ProblemHttpResult NotFound(string name) => RegistryProblem.Create(404, "upstream_not_found", $"There is no upstream '{name}'");

    private static ProblemHttpResult TooLarge() => RegistryProblem.Create(413, "entry_too_large", $"An upstream is described in at most {LargestEntry} bytes");

    private static async Task<string?> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var buffer = new byte[LargestEntry + 1];
        var length = await context.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length > LargestEntry ? null : Encoding.UTF8.GetString(buffer, 0, length).TrimStart('\uFEFF'); // a byte order mark
    }
}
