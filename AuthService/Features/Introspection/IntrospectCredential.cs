using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.SecondFactors;
using Registry.AuthService.Throttling;
using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;

namespace Registry.AuthService.Features.Introspection;

/// <summary>
/// Finds out who a credential belongs to. An access token is known by its shape wherever it stands, because clients put
/// it into either half of Basic; the name beside it then means nothing. Every refusal looks the same.
/// </summary>
internal sealed class IntrospectCredential(AuthDbContext db, CheckPassword checkPassword, TimeProvider clock)
{
    private static readonly IntrospectResponse Rejected = new(Caller.Rejected);

    public async Task<IntrospectResponse> ExecuteAsync(IntrospectRequest request, CancellationToken cancellationToken)
    {
        var token = TokenSecret.IsToken(request.Secret) ? request.Secret
            : TokenSecret.IsToken(request.UserName) ? request.UserName
            : null;
        return token is not null
            ? await ResolveTokenAsync(token, request.ClientAddress, cancellationToken)
            : await ResolvePasswordAsync(request, cancellationToken);
    }

    private async Task<IntrospectResponse> ResolveTokenAsync(string secret, string? address, CancellationToken cancellationToken)
    {
        var hash = TokenSecret.Hash(secret);
        var found = await (
            from token in db.AccessTokens.AsNoTracking()
            join account in db.Accounts.AsNoTracking() on token.AccountId equals account.Id
            join confirmed in db.Enrolments.AsNoTracking().Where(e => e.ConfirmedAt != null) on account.Id equals confirmed.AccountId into enrolments
            from enrolment in enrolments.DefaultIfEmpty()
            where token.Hash == hash && token.RevokedAt == null && account.DisabledAt == null
            select new { token, account, enrolment }).SingleOrDefaultAsync(cancellationToken);
        var now = clock.GetUtcNow();
        if (found is null || found.token.ExpiresAt <= now || !MayBeUsedFrom(found.token, address))
        {
            return Rejected;
        }

        if (found.token.LastUsedAt is not { } lastUse || lastUse <= now - AuthQueries.LastUsePrecision)
        {
            await db.NoteUseAsync(found.token.Id, now, cancellationToken);
        }

        var caller = await CallerForAsync(found.account, CredentialId.OfToken(found.token.Id), cancellationToken);
        caller = caller with
        {
            Limits = LimitsOf(found.token),
            SecondFactor = found.enrolment is { } factor ? new SecondFactor(NeedOf(factor, found.token)) : null,
        };
        return new IntrospectResponse(caller, ExpiresAt: found.token.ExpiresAt);
    }

    private async Task<IntrospectResponse> ResolvePasswordAsync(IntrospectRequest request, CancellationToken cancellationToken)
    {
        if (AccountName.Parse(request.UserName) is not { } name || request.Secret is not { Length: > 0 } password || SignUpRules.IsOverlong(password))
        {
            return Rejected;
        }

        return await checkPassword.ExecuteAsync(new PasswordAttempt(name.Value, password, request.ClientAddress), cancellationToken) switch
        {
            CheckPasswordOutcome.Accepted(var account) => new IntrospectResponse(
                await CallerForAsync(account, CredentialId.OfPassword(account.Id), cancellationToken) with
                {
                    SecondFactor = await db.FindEnrolmentAsync(account.Id, cancellationToken) is null ? null : new SecondFactor(SecondFactorNeed.Everything),
                }),
            CheckPasswordOutcome.Throttled(var wait) => Rejected with { RetryAfterSeconds = (int)Math.Ceiling(wait.TotalSeconds) },
            _ => Rejected,
        };
    }

    private static SecondFactorNeed NeedOf(Enrolment factor, AccessToken token) =>
        token.BypassesSecondFactor ? SecondFactorNeed.Automation
        : factor.Mode == SecondFactorMode.AuthOnly ? SecondFactorNeed.Account
        : SecondFactorNeed.Writes;

    private static bool MayBeUsedFrom(AccessToken token, string? address) =>
        token.Cidrs is not { Length: > 0 } ranges || ClientAddress.IsWithin(address, ranges);

    private async Task<Caller> CallerForAsync(Account account, string credentialId, CancellationToken cancellationToken)
    {
        var (organisations, teams) = await db.MembershipsOfAsync(account.Id, cancellationToken);
        return new Caller
        {
            Credential = CredentialState.Accepted,
            UserId = account.Id,
            UserName = account.Name,
            Email = account.Email,
            IsAdministrator = account.IsAdministrator,
            OrganisationIds = organisations,
            TeamIds = teams,
            CredentialId = credentialId,
        };
    }

    private static TokenLimits? LimitsOf(AccessToken token) =>
        token.ReadOnly || token.Packages is not null || token.Scopes is not null || token.Organisations is not null
            ? new TokenLimits(token.ReadOnly, token.Packages, token.Scopes)
            {
                Organisations = token.Organisations,
            }
            : null;
}
