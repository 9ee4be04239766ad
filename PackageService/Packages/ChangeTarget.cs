using Registry.Contracts.Http;

namespace Registry.PackageService.Packages;

/// <summary>A package somebody wants to change.</summary>
/// <param name="Repository">The mount's repository.</param>
/// <param name="Name">The package.</param>
/// <param name="Caller">Who asks.</param>
/// <param name="Revs">Every <c>_rev</c> the caller has named, in the path or the body; another one than the package's is a conflict.</param>
internal sealed record ChangeTarget(string Repository, PackageName Name, Caller Caller, params IReadOnlyList<string> Revs)
{
    /// <summary>The caller has seen the package as it is, or did not say what it has seen.</summary>
    public bool Allows(Package package) => Revs.All(rev => rev == package.Rev);
}

/// <summary>How a change of a package ended.</summary>
internal abstract record ChangeOutcome
{
    private ChangeOutcome()
    {
    }

    /// <summary>The package is as it was asked for.</summary>
    /// <param name="Rev">npm's <c>_rev</c>; null when the package is gone.</param>
    internal sealed record Done(string? Rev) : ChangeOutcome;

    /// <summary>It is not; nothing was changed.</summary>
    internal sealed record Refused(Refusal Refusal) : ChangeOutcome;
}
