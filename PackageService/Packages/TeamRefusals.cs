using Registry.Contracts.Http;

namespace Registry.PackageService.Packages;

/// <summary>Refusals about organisations and teams. To strangers a hidden one looks like one that does not exist.</summary>
internal static class TeamRefusals
{
    public static Refusal NotFound(TeamName team) => NotFound(team.Scope.Value, team.Name);

    public static Refusal NotFound(string scope, string team) =>
        new(RefusalReason.NotFound, "team_not_found", $"The organisation {scope} has no team named {team}");

    /// <summary>Why the caller's access token does not reach an organisation; null when it does.</summary>
    public static Refusal? RefuseToken(Caller caller, string scope) =>
        caller.Limits?.ReachesOrganisation(scope) == false
            ? new(RefusalReason.Forbidden, "token_limited", $"This access token is not for the scope {scope}: it is limited to other packages, scopes or organisations")
            : null;

    public static Refusal OrganisationNotFound(string scope) =>
        new(RefusalReason.NotFound, "organisation_not_found", $"There is no organisation named {scope}");
}
