namespace Registry.AuthService.Organisations;

/// <summary>Why something about an organisation was refused, in words that belong to no protocol.</summary>
internal enum RefusalReason
{
    Invalid,
    Forbidden,

    /// <summary>It does not exist, or the caller may not know that it does.</summary>
    NotFound,

    /// <summary>It stands against what there is already.</summary>
    Conflict,
}

/// <summary>An expected ending in which nothing was changed.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Code">Stable snake_case word.</param>
/// <param name="Message">One sentence for people.</param>
internal sealed record Refusal(RefusalReason Reason, string Code, string Message)
{
    /// <summary>To strangers a hidden organisation looks like one that does not exist.</summary>
    public static Refusal OrganisationNotFound(string scope) =>
        new(RefusalReason.NotFound, "organisation_not_found", $"There is no organisation named {scope}");

    public static Refusal TeamNotFound(string scope, string team) =>
        new(RefusalReason.NotFound, "team_not_found", $"The organisation {scope} has no team named {team}");

    public static Refusal AccountNotFound(string name) => new(RefusalReason.NotFound, "account_not_found", $"There is no account named {name}");

    public static Refusal MemberNotFound(string name, string of) => new(RefusalReason.NotFound, "member_not_found", $"{name} is not a member of {of}");

    public static Refusal RoleNeeded(string sentence) => new(RefusalReason.Forbidden, "role_required", sentence);

    public static Refusal Invalid(string sentence) => new(RefusalReason.Invalid, "invalid_request", sentence);

    public static Refusal TooMany(string sentence) => new(RefusalReason.Invalid, "too_many_members", sentence);
}

/// <summary>How a change of an organisation ended.</summary>
internal abstract record OrganisationOutcome
{
    private OrganisationOutcome()
    {
    }

    internal sealed record Done : OrganisationOutcome;

    /// <summary>An account is a member in this role; the organisation has so many.</summary>
    internal sealed record MemberSet(string Scope, int Size, string User, OrganisationRole Role) : OrganisationOutcome;

    internal sealed record Refused(Refusal Refusal) : OrganisationOutcome;
}
