using Registry.Contracts.Http;
using Registry.ServiceDefaults.Access;

namespace Registry.PackageService.Packages;

/// <summary>What a package was given to a caller for, by name or through a team.</summary>
internal enum Permission
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>To read: a team of the caller's may.</summary>
    Read,

    /// <summary>To change: the caller is a maintainer, or a team of the caller's may.</summary>
    Write,
}

/// <summary>What a caller may do with a package, decided from the assertion and the package's own rows (DESIGN 4).</summary>
internal static class Rights
{
    /// <summary>The caller may read the package.</summary>
    public static bool CanRead(PackageRepository repository, Package package, Permission permission, Caller caller) =>
        // A token limited to other packages still reads what its owner could read without it being private.
        IsCollaborator(package, permission, caller)
        || (package.Visibility == Visibility.Public && (repository.ReadAccess == ReadAccess.Everyone || caller.IsSignedIn()));

    /// <summary>The caller may know what only those know whom the package was given to.</summary>
    public static bool IsCollaborator(Package package, Permission permission, Caller caller) =>
        (permission != Permission.None || caller.IsAdministrator) && Covers(caller.Limits, package.Name);

    /// <summary>Why the caller's access token may not change the package; null when it may, as far as the token goes.</summary>
    public static Refusal? RefuseToken(Caller caller, string packageName) =>
        caller.Limits switch
        {
            { ReadOnly: true } => new Refusal(
                RefusalReason.Forbidden, "token_read_only", "This access token may only read; create one that may publish"),
            { } limits when !Covers(limits, packageName) => new Refusal(
                RefusalReason.Forbidden, "token_limited", $"This access token is not for the package {packageName}: it is limited to other packages or scopes"),
            _ => null,
        };

    /// <summary>The caller may not even know that the package exists, whatever the access token is limited to.</summary>
    public static bool IsHidden(PackageRepository repository, Package package, Permission permission, Caller caller) =>
        !CanRead(repository, package, permission, caller with { Limits = null });

    /// <summary>Why the caller may not change the package; null when the caller may.</summary>
    public static Refusal? RefuseWrite(PackageRepository repository, Package package, Permission permission, Caller caller) =>
        IsHidden(repository, package, permission, caller)
            ? Refusal.NotFound
            : RefuseToken(caller, package.Name)
                ?? (permission == Permission.Write || caller.IsAdministrator ? RefuseSecondFactor(package, caller) : NotAMaintainer(package.Name));

    /// <summary>Why a package that does not exist yet cannot take the name; null when it can.</summary>
    public static Refusal? RefuseNewName(PackageName name, NewNames policy) =>
        ReservedNames.Contains(name) ? new Refusal(
            RefusalReason.Invalid, "name_reserved", $"The name {name} is reserved: it is part of the registry's own paths")
        : policy == NewNames.Strict && !name.IsValidForNew ? new Refusal(
            RefusalReason.Invalid,
            "invalid_name",
            $"{name} is not a valid name for a new package: use lower-case letters, digits, '-', '_' and '.', and begin with a letter or digit")
        : null;

    /// <summary>Why the package's own demand of a second factor is not met; null when it is (npm protocol 5).</summary>
    public static Refusal? RefuseSecondFactor(Package package, Caller caller)
    {
        if (!package.PublishRequiresTfa
            || caller.SecondFactor is { Answer: SecondFactorAnswer.Accepted }
            || (package.AutomationTokenOverridesTfa && caller.SecondFactor is { Need: SecondFactorNeed.Automation }))
        {
            return null;
        }

        if (caller.SecondFactor is not { } factor)
        {
            return new Refusal(
                RefusalReason.Forbidden, "second_factor_not_enrolled", "This package is changed only by those who have a second factor: run npm profile enable-2fa");
        }

        var (code, message) = SecondFactorDemands.WordsFor(factor.Answer);
        return new Refusal(RefusalReason.SecondFactorWanted, code, message);
    }

    /// <summary>The access token reaches the package.</summary>
    public static bool Covers(TokenLimits? limits, string packageName)
    {
        if (limits is null or { Packages: null, Scopes: null })
        {
            return true;
        }

        var scope = PackageName.TryParse(packageName, out var name) ? name.Scope : null;
        return limits.Packages?.Contains(packageName, StringComparer.Ordinal) == true
            || (scope is not null && limits.Scopes?.Contains(scope, StringComparer.Ordinal) == true);
    }

    private static Refusal NotAMaintainer(string name) => new(
        RefusalReason.Forbidden,
        "not_a_maintainer",
        $"You do not have permission to publish \"{name}\". Are you logged in as the correct user?");
}
