using Registry.Contracts.Http;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;

namespace Registry.PackageService.Dialects;

/// <summary>Lets administrators through, and their tokens as far as those reach.</summary>
internal sealed class AdministratorFilter : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var caller = context.HttpContext.GetCaller();
        var isRead = HttpMethods.IsGet(context.HttpContext.Request.Method) || HttpMethods.IsHead(context.HttpContext.Request.Method);
        return !caller.IsAdministrator ? Refuse("administrator_required", "Only administrators may do this")
            : caller.Limits is { } limits && IsTooNarrow(limits, isRead) ? Refuse("token_limited", "This access token is limited; use one without limits")
            : next(context);
    }

    private static bool IsTooNarrow(TokenLimits limits, bool isRead) => limits.IsNarrow || (limits.ReadOnly && !isRead);

    private static ValueTask<object?> Refuse(string code, string message) => ValueTask.FromResult<object?>(RegistryProblem.Create(403, code, message));
}
