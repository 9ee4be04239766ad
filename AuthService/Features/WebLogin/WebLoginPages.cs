using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Hosting;
using Registry.AuthService.Throttling;
using Registry.AuthService.WebSessions;
using Registry.ServiceDefaults.Access;

namespace Registry.AuthService.Features.WebLogin;

/// <summary>
/// The page that somebody opens to let a waiting client in. No cookie and no other standing authority stands behind it: whoever sends its
/// form has typed what it takes, so a form sent from elsewhere gains nothing; it is refused all the same.
/// </summary>
internal static class WebLoginPages
{
    private const string Path = OpenWebSession.PagePath + HiddenSecretContextFactory.Placeholder;

    public static void MapWebLoginPages(this IEndpointRouteBuilder npm)
    {
        npm.MapGet(Path, ShowAsync);
        npm.MapPost(Path, SubmitAsync).WithSmallBody();
    }

    private static async Task<ContentHttpResult> ShowAsync(
        HttpContext context, AuthDbContext db, TimeProvider clock, IOptions<AccountsOptions> options, CancellationToken cancellationToken) =>
        await FindAsync(context, db, clock, cancellationToken) is { } session
            ? Html.Page(context, 200, await FormAsync(context, db, session, options.Value, cancellationToken))
            : Expired(context);

    private static async Task<ContentHttpResult> SubmitAsync(
        HttpContext context, AuthDbContext db, ApproveWebSession approve, TimeProvider clock, IOptions<AccountsOptions> options, CancellationToken cancellationToken)
    {
        if (await FindAsync(context, db, clock, cancellationToken) is not { } session)
        {
            return Expired(context);
        }

        var form = await FormAsync(context, db, session, options.Value, cancellationToken);
        if (!context.Request.HasFormContentType || context.Request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none"))
        {
            return Html.Page(context, 403, form with { Error = "This did not come from the form on this page" });
        }

        var fields = await context.Request.ReadFormAsync(cancellationToken);
        var answer = new WebAnswer(fields["name"].ToString().Trim(), fields["password"].ToString(), fields["email"].ToString().Trim(), fields["code"].ToString())
        {
            IsSignUp = form.OffersSignUp && fields["action"] == "create",
            Address = context.GetAssertion().ClientAddress,
        };
        return await approve.ExecuteAsync(session, answer, cancellationToken) switch
        {
            ApproveOutcome.Approved(var name) => Html.Page(context, 200, new DonePage(session.Kind, name)),
            ApproveOutcome.Gone => Expired(context),
            ApproveOutcome.Refused(var status, var sentence) => Html.Page(
                context, status, form with { Error = sentence, Name = answer.Name, Email = answer.Email }),
            _ => Expired(context),
        };
    }

    private static async Task<FormPage> FormAsync(
        HttpContext context, AuthDbContext db, WebSession session, AccountsOptions options, CancellationToken cancellationToken) =>
        new(session.Kind, session.ClientAddress ?? "an unknown address", session.Client, session.CreatedAt)
        {
            // Open sign-up is for the users of this machine: see LogInCommand.MaySignUp.
            OffersSignUp = session.Kind == WebSessionKind.LogIn && options.Rule == SignUpRule.Open && context.GetMount().IsCanonical,
            Account = session.Kind == WebSessionKind.SecondFactor ? (await db.Accounts.FindAsync([session.AccountId], cancellationToken))?.Name : null,
            IsFromElsewhere = session.ClientAddress != ClientAddress.Parse(context.GetAssertion().ClientAddress)?.ToString(),
        };

    private static Task<WebSession?> FindAsync(HttpContext context, AuthDbContext db, TimeProvider clock, CancellationToken cancellationToken) =>
        db.FindWaitingSessionAsync(context.Features.Get<PathSecret>()?.Value ?? "", clock.GetUtcNow(), cancellationToken);

    private static ContentHttpResult Expired(HttpContext context) => Html.Page(context, 404, new ExpiredPage());
}
