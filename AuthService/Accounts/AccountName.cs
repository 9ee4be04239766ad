using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Registry.AuthService.Accounts;

/// <summary>A legal account name: 1 to 64 characters, npm's lower-case style, because it is a scope too.</summary>
internal sealed partial record AccountName
{
    public const string Rule =
        "An account name has 1 to 64 characters: lower-case letters, digits, and . _ - after the first";

    // Names that speak for the registry itself. An operator may still create them.
    private static readonly FrozenSet<string> Reserved = new[]
    {
        "abuse", "admin", "administrator", "administrators", "all", "anonymous", "api", "auth", "clyde", "everyone", "guest", "help",
        "helpdesk", "info", "internal", "loft", "mail", "maintainer", "me", "native", "noreply", "npm", "null", "official",
        "operator", "owner", "pantry", "pkgx", "postmaster", "public", "registry", "root", "security", "self", "service", "staff",
        "support", "sysadmin", "system", "team", "undefined", "user", "webmaster", "www",
    }.ToFrozenSet(StringComparer.Ordinal);

    private AccountName(string value) => Value = value;

    public string Value { get; }

    public string Folded => FoldedName.Of(Value);

    public bool IsReserved => Reserved.Contains(Folded);

    public static AccountName? Parse(string? text) =>
        text is not null && Pattern().IsMatch(text) ? new AccountName(text) : null;

    public override string ToString() => Value;

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
