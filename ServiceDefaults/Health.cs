using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

using Registry.ServiceDefaults.Access;

namespace Registry.ServiceDefaults;

/// <summary>
/// <c>/health</c> (ready: 200 <c>ok</c> or <c>degraded</c>, 503 <c>failed</c>) and <c>/alive</c>. A check registered with
/// failure status <see cref="HealthStatus.Degraded"/> (a broker, a peer) never makes a service unready; only its own
/// database or store does.
/// </summary>
public static class Health
{
    /// <summary>The word for a status.</summary>
    public static string Word(HealthStatus status) =>
        status switch
        {
            HealthStatus.Healthy => "ok",
            HealthStatus.Degraded => "degraded",
            _ => "failed",
        };

    internal static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/health", new HealthCheckOptions { ResponseWriter = WriteAsync })
            .WithMetadata(new AssertionNotRequired());
        routes.MapHealthChecks("/alive", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync })
            .WithMetadata(new AssertionNotRequired());
    }

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        var clock = (TimeProvider)context.RequestServices.GetService(typeof(TimeProvider))!;
        return context.Response.WriteAsJsonAsync(
            new HealthDocument(
                Word(report.Status),
                clock.GetUtcNow(),
                report.Entries.ToDictionary(entry => entry.Key, entry => new CheckDocument(Word(entry.Value.Status), entry.Value.Description))),
            RegistryJson.Options,
            context.RequestAborted);
    }

    private sealed record HealthDocument(string Status, DateTimeOffset Timestamp, IReadOnlyDictionary<string, CheckDocument> Checks);

    private sealed record CheckDocument(string Status, string? Description);
}
