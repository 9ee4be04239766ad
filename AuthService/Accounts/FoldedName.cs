namespace Registry.AuthService.Accounts;

/// <summary>The spelling that names share when a reader could take one for the other: lower case, without <c>- _ .</c>.</summary>
internal static class FoldedName
{
    public static string Of(string name)
    {
        var folded = string.Concat(name.Where(c => c is not ('-' or '_' or '.'))).ToLowerInvariant();
        return folded.Length > 0 ? folded : name; // nothing but separators: only equal to itself
    }
}
