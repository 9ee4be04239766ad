using Microsoft.AspNetCore.Http;

using Registry.Contracts.Http;

namespace Registry.ServiceDefaults.Access;

/// <summary>What the checked assertion says, for endpoints.</summary>
public static class CallerExtensions
{
    /// <summary>The checked assertion of this request.</summary>
    /// <exception cref="InvalidOperationException">The endpoint is reachable without one (only health is).</exception>
    public static Assertion GetAssertion(this HttpContext context) =>
        context.Features.Get<Assertion>() ?? throw new InvalidOperationException("This request carries no assertion.");

    /// <summary>Who is asking; anonymous callers too.</summary>
    public static Caller GetCaller(this HttpContext context) => context.GetAssertion().Caller ?? Caller.Anonymous;

    /// <summary>The mount the request belongs to.</summary>
    public static MountContext GetMount(this HttpContext context) =>
        context.GetAssertion().Mount ?? throw new InvalidOperationException("This request belongs to no mount.");

    /// <summary>True for a caller with an account.</summary>
    public static bool IsSignedIn(this Caller caller) => caller.Credential == CredentialState.Accepted && caller.UserId is not null;
}
