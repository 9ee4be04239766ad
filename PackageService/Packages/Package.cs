using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Registry.PackageService.Packages;

/// <summary>Who may read a package.</summary>
internal enum Visibility
{
    /// <summary>Whoever may read its repository.</summary>
    Public,

    /// <summary>Its maintainers, the teams it was given to, and administrators.</summary>
    Restricted,
}

/// <summary>A package: its identity is (repository, name), byte for byte.</summary>
internal sealed class Package
{
    public long Id { get; set; }

    public int RepositoryId { get; set; }

    public required string Name { get; set; }

    public required string FoldedName { get; set; }

    public Visibility Visibility { get; set; }

    /// <summary>Whoever changes it needs a second factor, whatever the account demands of itself.</summary>
    public bool PublishRequiresTfa { get; set; }

    /// <summary>An access token made for automation does without the second factor.</summary>
    public bool AutomationTokenOverridesTfa { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset ModifiedAt { get; set; }

    /// <summary>Its last position in <c>changes</c>: grows with every change and never restarts, not even after removal.</summary>
    public long Revision { get; set; }

    /// <summary>
    /// npm's opaque <c>_rev</c> (protocol 4.3). The second half depends on more than the revision, so that a package restored
    /// from a backup and changed again is told from the one that was lost.
    /// </summary>
    public string Rev
    {
        get
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{Id}:{Revision}:{ModifiedAt.UtcTicks}");
            var hash = SHA256.HashData(Encoding.ASCII.GetBytes(text));
            return string.Create(CultureInfo.InvariantCulture, $"{Revision}-{Convert.ToHexStringLower(hash.AsSpan(0, 16))}");
        }
    }
}
