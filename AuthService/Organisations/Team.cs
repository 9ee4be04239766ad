using System.Text.RegularExpressions;

namespace Registry.AuthService.Organisations;

/// <summary>Some members of an organisation, who are given packages together. Table <c>teams</c>.</summary>
internal sealed class Team
{
    /// <summary>The team every organisation has: who joins the organisation joins it, and new packages of the scope are given to it.</summary>
    public const string Developers = "developers";

    public const int MaxDescriptionLength = 500;

    /// <summary>Never given out again: a team made anew under an old name gets nothing of what the old one had.</summary>
    public required string Id { get; init; }

    public required string OrganisationId { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A member of a team. Table <c>team_members</c>.</summary>
internal sealed class TeamMember
{
    public required string TeamId { get; init; }

    public required string AccountId { get; init; }

    public DateTimeOffset JoinedAt { get; init; }
}

/// <summary>A legal name for a team.</summary>
internal sealed partial record TeamName
{
    public const int MaxLength = 64;
    public const string Rule = "A team's name has 1 to 64 characters: lower-case letters, digits, and . _ - after the first";

    private TeamName(string value) => Value = value;

    public string Value { get; }

    public static TeamName? Parse(string? text) => text is not null && Pattern().IsMatch(text) ? new TeamName(text) : null;

    public override string ToString() => Value;

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
