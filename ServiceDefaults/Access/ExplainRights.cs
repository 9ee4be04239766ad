using Microsoft.AspNetCore.Http.HttpResults;

using Registry.Contracts.Http;

namespace Registry.ServiceDefaults.Access;

/// <summary>Who may have an answer explained (<c>?explain=1</c>).</summary>
public static class ExplainRights
{
    /// <summary>Why the caller may not: it tells of what others may not see, so only administrators may, by an access token that reaches everything.</summary>
    /// <returns>Null when the caller may.</returns>
    public static ProblemHttpResult? Refuse(Caller caller) =>
        !caller.IsSignedIn() ? RegistryProblem.Create(401, "login_required", "Only administrators may have an answer explained: send an access token")
        : !caller.IsAdministrator ? RegistryProblem.Create(403, "administrator_required", "Only administrators may have an answer explained")
        : caller.Limits is { Packages: not null } or { Scopes: not null }
            ? RegistryProblem.Create(403, "token_limited", "This access token is limited; use one without limits to have an answer explained")
        : null;
}
