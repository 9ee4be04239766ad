using Registry.PackageService.Data;
using Registry.PackageService.Features.Hooks;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;

namespace Registry.PackageService.Dialects.Native;

/// <summary><c>GET /api/v1/hooks/{id}/deliveries</c>: the last deliveries of a hook of the caller's, the newest first.</summary>
internal static class HookDeliveriesEndpoint
{
    public static void MapHookDeliveries(this IEndpointRouteBuilder native) =>
        native.MapGet("/api/v1/hooks/{id:guid}/deliveries", ListAsync).RequireSignedIn().RequireUnlimitedToken();

    private static async Task<IResult> ListAsync(
        Guid id, HttpContext context, ChangeHooks hooks, PackageDbContext db, CancellationToken cancellationToken) =>
        await hooks.FindAsync(context.GetCaller(), id, cancellationToken) is null
            ? RegistryProblem.Create(404, "hook_not_found", "There is no such hook of yours")
            : TypedResults.Ok(new DeliveryList([.. (await db.DeliveriesOfAsync(id, cancellationToken)).Select(Shown)]));

    private static DeliveryDocument Shown(LoggedDelivery logged)
    {
        var (delivery, change) = logged;
        var state = delivery.EndedAt is null ? "waiting" : delivery.Failure is null ? "delivered" : "failed";
        return new DeliveryDocument(
            delivery.Id, HookEvent.Of(change).Name, change.Package, change.OccurredAt, state, delivery.Attempts, delivery.AttemptedAt,
            delivery.EndedAt is null ? delivery.DueAt : null, delivery.ResponseCode, delivery.Failure);
    }

    private sealed record DeliveryList(IReadOnlyList<DeliveryDocument> Deliveries);

    private sealed record DeliveryDocument(
        long Id,
        string Event,
        string Package,
        DateTimeOffset OccurredAt,
        string State,
        int Attempts,
        DateTimeOffset? AttemptedAt,
        DateTimeOffset? NextAt,
        int? ResponseCode,
        string? Failure);
}
