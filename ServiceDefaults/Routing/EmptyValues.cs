using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Registry.ServiceDefaults.Routing;

/// <summary>
/// Query parameters that are there without a value. The generated code of endpoints takes them for absent ones, which would drop a
/// condition that somebody meant to set.
/// </summary>
public static class EmptyValues
{
    /// <summary>The endpoints of a group that refuse them with 400.</summary>
    public static RouteGroupBuilder MapGroupWithoutEmptyValues(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("").AddEndpointFilter(static async (context, next) =>
            context.HttpContext.Request.Query.FirstOrDefault(static one => one.Value.ToString().Length == 0) is { Key: { } name }
                ? RegistryProblem.Create(400, "bad_request", $"'{name}' has no value")
                : await next(context));
}
