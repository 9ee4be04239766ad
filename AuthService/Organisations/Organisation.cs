namespace Registry.AuthService.Organisations;

/// <summary>A scope that belongs to several accounts. Table <c>organisations</c>.</summary>
internal sealed class Organisation
{
    public required string Id { get; init; }

    /// <summary>The scope without the <c>@</c>: its name.</summary>
    public required string Scope { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>An account's place in an organisation. Table <c>organisation_members</c>.</summary>
internal sealed class OrganisationMember
{
    public required string OrganisationId { get; init; }

    public required string AccountId { get; init; }

    public OrganisationRole Role { get; set; }

    public DateTimeOffset JoinedAt { get; init; }
}

/// <summary>What a member may do; each may also do what those before it may.</summary>
internal enum OrganisationRole
{
    /// <summary>See the organisation, and make packages in its scope.</summary>
    Developer,

    /// <summary>Look after teams and developers.</summary>
    Admin,

    /// <summary>Everything.</summary>
    Owner,
}

/// <summary>Roles in the words of the npm protocol (3.7).</summary>
internal static class OrganisationRoles
{
    public const string Rule = "A role is owner, admin or developer";

    public static OrganisationRole? Parse(string? word) =>
        word switch
        {
            "owner" or "super-admin" => OrganisationRole.Owner,
            "admin" or "team-admin" => OrganisationRole.Admin,
            "developer" => OrganisationRole.Developer,
            _ => null,
        };

    public static string ToWord(this OrganisationRole role) =>
        role switch
        {
            OrganisationRole.Owner => "owner",
            OrganisationRole.Admin => "admin",
            _ => "developer",
        };
}
