namespace Registry.Contracts.Http.Auth;

/// <summary>An organisation, as PackageService needs it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Scope">Its scope, without the <c>@</c>.</param>
/// <param name="Role">The role of the account asked about: <c>owner</c>, <c>admin</c> or <c>developer</c>; null when it is no member.</param>
public sealed record OrganisationResponse(string Id, string Scope, string? Role);

/// <summary>A team, as PackageService needs it.</summary>
/// <param name="Team">The team.</param>
/// <param name="Role">The role in its organisation of the account asked about: <c>owner</c>, <c>admin</c> or <c>developer</c>; null when it is no member.</param>
public sealed record TeamResponse(TeamReference Team, string? Role);

/// <summary>A team by its id and by its name.</summary>
/// <param name="Id">Its id; never given out again.</param>
/// <param name="Scope">The organisation's scope, without the <c>@</c>.</param>
/// <param name="Name">The team's name.</param>
public sealed record TeamReference(string Id, string Scope, string Name);

/// <summary>Asks who is in teams.</summary>
/// <param name="TeamIds">The teams, at most <see cref="MostTeams"/>; those that are gone are passed over.</param>
public sealed record TeamMembersRequest(IReadOnlyList<string> TeamIds)
{
    /// <summary>Most teams that can be asked about at once.</summary>
    public const int MostTeams = 100;
}

/// <summary>An account in a team.</summary>
/// <param name="TeamId">The team.</param>
/// <param name="User">The account's name.</param>
/// <param name="Email">The account's e-mail address, when it has one.</param>
public sealed record TeamMemberResponse(string TeamId, string User, string? Email);
