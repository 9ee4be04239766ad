using Microsoft.AspNetCore.Http.HttpResults;

using Registry.AuthService.Hosting;
using Registry.AuthService.SecondFactors;
using Registry.AuthService.WebSessions;
using Registry.Contracts.Http.Auth;

namespace Registry.AuthService.Features.SecondFactors;

/// <summary>The Gateway asks about the second factor that a request carries, and for a page where it can be given.</summary>
internal static class SecondFactorEndpoints
{
    public static void MapSecondFactors(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(AuthRoutes.SecondFactor, CheckAsync).WithSmallBody();
        routes.MapPost(AuthRoutes.SecondFactorPages, OpenPageAsync).WithSmallBody();
    }

    private static async Task<Ok<SecondFactorResponse>> CheckAsync(SecondFactorRequest request, CheckCode checkCode, CancellationToken cancellationToken) =>
        TypedResults.Ok(await checkCode.ExecuteAsync(new CodeAttempt(request.UserId, request.Code, request.Operation), cancellationToken) switch
        {
            CheckCodeOutcome.Accepted => new SecondFactorResponse(true),
            CheckCodeOutcome.Throttled(var wait) => new SecondFactorResponse(false, (int)Math.Ceiling(wait.TotalSeconds)),
            _ => new SecondFactorResponse(false),
        });

    private static async Task<Ok<SecondFactorPageResponse>> OpenPageAsync(
        SecondFactorPageRequest request, OpenWebSession open, CancellationToken cancellationToken) =>
        TypedResults.Ok(
            await open.ExecuteAsync(new WebSessionCommand(WebSessionKind.SecondFactor, request.ClientAddress, request.Client) { AccountId = request.UserId }, cancellationToken)
                is OpenWebSessionOutcome.Opened(var page, var done)
                ? new SecondFactorPageResponse(page, done)
                : new SecondFactorPageResponse(null, null));
}
