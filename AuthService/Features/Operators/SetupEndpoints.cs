using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Hosting;
using Registry.Contracts.Http.Auth;

namespace Registry.AuthService.Features.Operators;

/// <summary>How the registry is opened to people: the first administrator, and invitations.</summary>
internal static class SetupEndpoints
{
    private const int MaxDays = 30;

    public static void MapSetup(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(AuthRoutes.Setup, GetSetupAsync);
        routes.MapPost(AuthRoutes.Invitations, InviteAsync).WithSmallBody();
    }

    private static async Task<Ok<SetupResponse>> GetSetupAsync(
        AuthDbContext db, IOptions<AccountsOptions> options, CancellationToken cancellationToken) =>
        TypedResults.Ok(new SetupResponse(
            await db.Accounts.AnyAsync(a => a.IsAdministrator, cancellationToken),
            options.Value.Rule switch
            {
                SignUpRule.Open => "open",
                SignUpRule.Invite => "invite",
                _ => "closed",
            }));

    private static async Task<Results<Created<InvitationResponse>, ProblemHttpResult>> InviteAsync(
        CreateInvitationRequest request, AuthDbContext db, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (request.ExpiresInDays is < 1 or > MaxDays)
        {
            return AuthProblems.Invalid("An invitation lapses after 1 to 30 days");
        }

        var code = TokenSecret.NewInvitation();
        var expiresAt = clock.GetUtcNow().AddDays(request.ExpiresInDays);
        db.Invitations.Add(new Invitation { CodeHash = TokenSecret.Hash(code), ExpiresAt = expiresAt });
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Created((string?)null, new InvitationResponse(code, expiresAt));
    }
}
