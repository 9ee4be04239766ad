namespace Registry.PackageService.Packages;

/// <summary>Why something was refused, in words that belong to no protocol.</summary>
internal enum RefusalReason
{
    /// <summary>The request makes no sense as it is.</summary>
    Invalid,

    /// <summary>The caller is known and may not.</summary>
    Forbidden,

    /// <summary>The caller has to give a second factor first.</summary>
    SecondFactorWanted,

    /// <summary>It does not exist, or the caller may not know that it does.</summary>
    NotFound,

    /// <summary>It was changed by somebody else in the meantime.</summary>
    Conflict,

    /// <summary>It could not be done, or it is not known whether it was; trying again is safe.</summary>
    Unavailable,
}

/// <summary>An expected ending in which nothing was changed.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Code">Stable snake_case word.</param>
/// <param name="Message">One sentence for people.</param>
internal sealed record Refusal(RefusalReason Reason, string Code, string Message)
{
    public static Refusal NotFound { get; } = new(RefusalReason.NotFound, "package_not_found", "Not found");

    public static Refusal RevisionConflict { get; } = new(RefusalReason.Conflict, "revision_conflict", "Document update conflict");

    public static Refusal Unavailable { get; } = new(
        RefusalReason.Unavailable, "outcome_unknown", "The database did not confirm the change in time; repeat the request to find out");
}
