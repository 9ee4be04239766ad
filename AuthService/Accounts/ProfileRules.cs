namespace Registry.AuthService.Accounts;

/// <summary>What may stand in a profile; answers with the sentence to show, or null.</summary>
internal static class ProfileRules
{
    public const int MaxLength = 256;

    /// <summary>Any text of one line: what it means, only its readers can tell.</summary>
    public static string? Refusal(string field, string? value) =>
        value is not null && (value.Length > MaxLength || value.Any(char.IsControl))
            ? $"{field} has at most {MaxLength} characters, and no control characters"
            : null;
}
