using System.Text.Json;
using System.Text.Json.Serialization;

using Microsoft.AspNetCore.Http.HttpResults;

using Registry.PackageService.Data;
using Registry.PackageService.Features.Hooks;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.PackageService.Dialects.Npm;

/// <summary><c>/-/npm/v1/hooks</c> (npm protocol 3.11): the caller's own hooks. The secret can be written and not read.</summary>
internal static class HookEndpoints
{
    private const int LargestBody = 16 * 1024;
    private const int MostListed = 100;

    public static void MapHooks(this IEndpointRouteBuilder npm)
    {
        var hooks = npm.MapGroup("/-/npm/v1/hooks").RequireSignedIn().RequireUnlimitedToken();
        hooks.MapMethods("", Methods.Read, ListAsync);
        hooks.MapPost("/hook", AddAsync);
        hooks.MapMethods("/hook/{id:guid}", Methods.Read, GetAsync);
        hooks.MapPut("/hook/{id:guid}", ChangeAsync);
        hooks.MapDelete("/hook/{id:guid}", RemoveAsync);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, ChangeHooks hooks, string? package, int? limit, int? offset, CancellationToken cancellationToken)
    {
        if (limit is < 1 || offset is < 0)
        {
            return RegistryProblem.Create(400, "invalid_request", "'limit' must be above 0, and 'offset' not negative");
        }

        var page = (offset ?? 0, Math.Min(limit ?? MostListed, MostListed));
        var name = string.IsNullOrEmpty(package) ? null : package.TrimStart('~');
        var found = await hooks.ListAsync(context.GetCaller(), context.GetMount().Repository, name, page, cancellationToken);
        return TypedResults.Ok(new HookList([.. found.Select(HookDocument.Of)]));
    }

    private static async Task<IResult> GetAsync(Guid id, HttpContext context, ChangeHooks hooks, CancellationToken cancellationToken) =>
        await hooks.FindAsync(context.GetCaller(), id, cancellationToken) is { } hook
            ? TypedResults.Ok(HookDocument.Of(hook))
            : RegistryProblem.Create(404, "hook_not_found", "There is no such hook of yours");

    private static async Task<IResult> AddAsync(HttpContext context, ChangeHooks hooks, CancellationToken cancellationToken) =>
        await ReadAsync(context.Request, cancellationToken) is not { } request ? NotRead()
            : Answer(await hooks.AddAsync(context.GetCaller(), context.GetMount(), request, cancellationToken), StatusCodes.Status201Created);

    private static async Task<IResult> ChangeAsync(Guid id, HttpContext context, ChangeHooks hooks, CancellationToken cancellationToken) =>
        await ReadAsync(context.Request, cancellationToken) is not { } request ? NotRead()
            : Answer(await hooks.ChangeAsync(context.GetCaller(), id, request, cancellationToken), StatusCodes.Status200OK);

    private static async Task<IResult> RemoveAsync(Guid id, HttpContext context, ChangeHooks hooks, CancellationToken cancellationToken) =>
        Answer(await hooks.RemoveAsync(context.GetCaller(), id, cancellationToken), StatusCodes.Status200OK);

    private static IResult Answer(HookOutcome outcome, int status) =>
        outcome switch
        {
            HookOutcome.Done done => TypedResults.Json(HookDocument.Of(done.Hook), RegistryJson.Options, statusCode: status),
            HookOutcome.Refused refused => refused.Refusal.ToProblem(),
            _ => throw new InvalidOperationException("Unknown outcome."),
        };

    private static ProblemHttpResult NotRead() =>
        RegistryProblem.Create(400, "invalid_json", $"The body must be a JSON object with texts, of at most {LargestBody} bytes");

    private static async Task<HookRequest?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var body = new byte[LargestBody + 1];
        var length = await request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellationToken);
        try
        {
            return length > LargestBody ? null : JsonSerializer.Deserialize<HookRequest>(body.AsSpan(0, length), RegistryJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record HookList(IReadOnlyList<HookDocument> Objects);

    /// <summary>npm says that a hook was triggered when it is <c>delivered</c>, and with what answer.</summary>
    private sealed record HookDocument(
        string Id,
        string Username,
        string Name,
        string Endpoint,
        string Type,
        DateTimeOffset Created,
        DateTimeOffset Updated,
        bool Delivered,
        [property: JsonPropertyName("last_delivery")] DateTimeOffset? LastDelivery,
        [property: JsonPropertyName("response_code")] int? ResponseCode,
        string Status)
    {
        public static HookDocument Of(HookRow hook) => new(
            hook.Id.ToString(),
            hook.UserName,
            hook.Name,
            hook.Endpoint,
            hook.Type,
            hook.CreatedAt,
            hook.UpdatedAt,
            hook.LastDeliveryAt is not null,
            hook.LastDeliveryAt,
            hook.ResponseCode,
            hook.Failure is null ? "active" : "failing");
    }
}
