namespace Registry.PackageService.Packages;

/// <summary>Refusals about organisations and teams. To strangers a hidden one looks like one that does not exist.</summary>
internal static class TeamRefusals
{
    public static Refusal NotFound(TeamName team) => NotFound(team.Scope.Value, team.Name);

    public static Refusal NotFound(string scope, string team) =>
        new(RefusalReason.NotFound, "team_not_found", $"The organisation {scope} has no team named {team}");

    public static Refusal OrganisationNotFound(string scope) =>
        new(RefusalReason.NotFound, "organisation_not_found", $"There is no organisation named {scope}");
}
