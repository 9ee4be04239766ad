namespace Registry.PackageService.Signing;

/// <summary>The key versions are signed with: configuration section <c>Signing</c>.</summary>
internal sealed class SigningOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Signing";

    /// <summary>PEM text of a private P-256 key. Default: one that is made once and kept in the database.</summary>
    public string? Key { get; set; }
}
