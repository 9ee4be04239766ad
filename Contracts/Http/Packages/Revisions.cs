using System.Security.Cryptography;
using System.Text;

namespace Registry.Contracts.Http.Packages;

/// <summary>A package by name.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Package">The canonical full name.</param>
public sealed record PackageKey(string Repository, string Package);

/// <summary>Asks what all packages were at a position of the feed, in one number.</summary>
/// <param name="Position">The position; at most the head.</param>
/// <param name="Except">Packages to leave out, at most <see cref="MostExcepted"/>.</param>
public sealed record RevisionDigestRequest(long Position, IReadOnlyList<PackageKey> Except)
{
    /// <summary>Most packages that can be left out.</summary>
    public const int MostExcepted = 5000;
}

/// <summary>All packages that ever changed up to a position, removed ones too, each with its revision there.</summary>
/// <param name="Epoch">The feed's identity.</param>
/// <param name="Packages">How many there are.</param>
/// <param name="Digest">Their <see cref="RevisionDigest"/>.</param>
public sealed record RevisionDigestResponse(Guid Epoch, long Packages, long Digest);

/// <summary>A page of the packages that ever changed up to a position.</summary>
/// <param name="Revisions">In byte order of repository and name.</param>
public sealed record RevisionsPage(IReadOnlyList<RevisionEntry> Revisions);

/// <summary>A package's revision at a position: its last change up to there.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Package">The canonical full name.</param>
/// <param name="Revision">The revision.</param>
public sealed record RevisionEntry(string Repository, string Package, long Revision);

/// <summary>
/// One number for a set of packages and revisions, whatever their order: the sum, modulo 2^60, of the first 60 bits of
/// SHA-256 over repository, NUL, name, NUL, revision in decimal. Two sets that differ have the same with a chance of 2^-60.
/// </summary>
public sealed class RevisionDigest
{
    private const long Mask = (1L << 60) - 1;

    /// <summary>How many were added.</summary>
    public long Packages { get; private set; }

    /// <summary>The number.</summary>
    public long Value { get; private set; }

    /// <summary>Adds a package.</summary>
    public void Add(string repository, string package, long revision)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{repository}\0{package}\0{revision}")));
        Value = (Value + (long)(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(hash) >> 4)) & Mask;
        Packages++;
    }
}
