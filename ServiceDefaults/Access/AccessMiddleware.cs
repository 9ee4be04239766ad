using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

using Registry.Contracts.Http;

namespace Registry.ServiceDefaults.Access;

/// <summary>Marks an endpoint that only signed-in callers may use.</summary>
public sealed record SignedInRequired;

/// <summary>Marks an endpoint that an access token limited to packages or scopes does not reach.</summary>
public sealed record UnlimitedTokenRequired;

/// <summary>Marks a write that an access token which may only read is good for.</summary>
public sealed record ReadOnlyTokenSuffices;

/// <summary>Marks an endpoint that answers without an assertion: health only.</summary>
internal sealed record AssertionNotRequired;

/// <summary>Endpoint conventions for access.</summary>
public static class AccessConventions
{
    /// <summary>Anonymous callers get 401 with a sentence that says how to log in.</summary>
    public static TBuilder RequireSignedIn<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new SignedInRequired());

    /// <summary>Access tokens limited to packages or scopes get 403: this is about the whole account.</summary>
    public static TBuilder RequireUnlimitedToken<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new UnlimitedTokenRequired());

    /// <summary>Access tokens that may only read may do this, although it is no <c>GET</c>.</summary>
    public static TBuilder WithReadOnlyTokens<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ReadOnlyTokenSuffices());
}

/// <summary>
/// Keeps users' assertions out of <c>/internal</c> and services' assertions in it, and asks for an account where an
/// endpoint demands one.
/// </summary>
internal sealed class AccessMiddleware(RequestDelegate next)
{
    public const string NotLoggedIn = "You must be logged in to do this: run npm login, or send an access token";
    public const string CredentialRejected = "Your credentials are not valid here (any more): log in again";
    private const string ReadAsAnonymous = "Your credentials are not valid here (any more), so you are seeing what anyone may see. Log in again.";

    public Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        if (endpoint is null || endpoint.Metadata.GetMetadata<AssertionNotRequired>() is not null)
        {
            return next(context);
        }

        if (context.Features.Get<Assertion>() is not { } assertion)
        {
            return RegistryProblem.WriteAsync(context, 401, "assertion_required", "This address is for the registry's own processes; use the gateway");
        }

        var isInternal = context.Request.Path.StartsWithSegments("/internal", StringComparison.Ordinal);
        return isInternal == (assertion.Kind == AssertionKind.Service)
            ? CheckCallerAsync(context, endpoint, assertion.Caller ?? Caller.Anonymous)
            : RegistryProblem.WriteAsync(context, 403, "wrong_assertion", "This address is for the registry's own processes; use the gateway");
    }

    private Task CheckCallerAsync(HttpContext context, Endpoint endpoint, Caller caller)
    {
        var isForAccounts = endpoint.Metadata.GetMetadata<SignedInRequired>() is not null;
        if (isForAccounts && !caller.IsSignedIn())
        {
            if (caller.SecondFactor is { } factor)
            {
                return SecondFactorDemands.Challenge(factor.Answer).ExecuteAsync(context);
            }

            context.Response.Headers.WWWAuthenticate = "Bearer, Basic";
            return caller.Credential == CredentialState.Rejected
                ? RegistryProblem.WriteAsync(context, 401, "credential_rejected", CredentialRejected)
                : RegistryProblem.WriteAsync(context, 401, "login_required", NotLoggedIn);
        }

        if (isForAccounts
            && (RefuseToken(context, endpoint, caller.Limits) ?? SecondFactorDemands.RefuseAtOnce(context, endpoint, caller.SecondFactor)) is { } refusal)
        {
            return refusal.ExecuteAsync(context);
        }

        if (caller.Credential == CredentialState.Rejected)
        {
            // npm prints it (protocol 3.3): an old .npmrc must not break installs of public packages.
            context.Response.Headers["npm-notice"] = ReadAsAnonymous;
        }

        return next(context);
    }

    /// <summary>What an access token's limits forbid whatever it is about (npm protocol 3.10); limits to packages are the services' to judge.</summary>
    private static ProblemHttpResult? RefuseToken(HttpContext context, Endpoint endpoint, TokenLimits? limits)
    {
        var isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        return limits switch
        {
            null => null,
            { ReadOnly: true } when !isRead && endpoint.Metadata.GetMetadata<ReadOnlyTokenSuffices>() is null =>
                RegistryProblem.Create(403, "token_read_only", "This access token may only read; create one that may publish"),
            { IsNarrow: true } when endpoint.Metadata.GetMetadata<UnlimitedTokenRequired>() is not null =>
                RegistryProblem.Create(403, "token_limited", "This access token is limited to some packages, scopes or organisations, and this is about your account: log in to do it"),
            _ => null,
        };
    }
}
