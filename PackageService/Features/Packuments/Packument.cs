using System.Globalization;
using System.Security.Cryptography;
using System.Text;

using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Packuments;

/// <summary>One representation of a packument: everything its bytes depend on.</summary>
/// <param name="Origin">Which package, of this registry or of an upstream, and which rules shape it.</param>
/// <param name="Rev">Its <c>_rev</c>, or the digest of what the upstream sent.</param>
/// <param name="Form">Full or abbreviated.</param>
/// <param name="PublicUrl">Prefix of the links in it.</param>
/// <param name="Coding">How it is compressed.</param>
internal sealed record PackumentKey(string Origin, string Rev, PackumentForm Form, string PublicUrl, PackumentCoding Coding)
{
    private const int Layout = 3; // raise it when the same package is written differently: clients then fetch again

    /// <summary>Strong, and different for each representation (npm protocol 4.1); known before anything is rendered.</summary>
    public string ETag
    {
        get
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{Layout}\n{Origin}\n{Rev}\n{Form}\n{PublicUrl}\n{Coding}");
            return $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16))}\"";
        }
    }
}

/// <summary>A representation of a packument, ready to be sent.</summary>
internal sealed record Packument(PackumentKey Key, ReadOnlyMemory<byte> Body, DateTimeOffset ModifiedAt);
