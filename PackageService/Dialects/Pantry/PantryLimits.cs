using System.Text.Json;
using System.Text.RegularExpressions;

using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Dialects.Pantry;

/// <summary>What pantry's own registry allows in a publish (P32, P33).</summary>
internal static partial class PantryLimits
{
    public const int MaxVersionLength = 64;
    private const int MaxDescriptionLength = 2000;
    private const int MaxKeywords = 50;
    private const int MaxKeywordLength = 50;
    private const int MaxHomepageLength = 512;

    /// <summary>Why the command is beyond the limits; null when it is within.</summary>
    public static Refusal? Check(PublishCommand command)
    {
        var manifest = JsonSerializer.SerializeToElement(command.Manifest);
        return !Name().IsMatch(command.Name.Value)
            ? Invalid("invalid_name", "Invalid package name")
            : command.Version.Value.Length > MaxVersionLength
            ? Invalid("invalid_version", $"Invalid version: it is longer than {MaxVersionLength} characters")
            : manifest.Text("description")?.Length > MaxDescriptionLength
            ? Invalid("invalid_metadata", $"Invalid metadata: the description is longer than {MaxDescriptionLength} characters")
            : manifest.Text("homepage")?.Length > MaxHomepageLength
            ? Invalid("invalid_metadata", $"Invalid metadata: the homepage is longer than {MaxHomepageLength} characters")
            : CheckKeywords(manifest.Texts("keywords"));
    }

    /// <summary>The text may be a version in a path (P11).</summary>
    public static bool IsVersion(string text) => Version().IsMatch(text);

    private static Refusal? CheckKeywords(IReadOnlyList<string> keywords) =>
        keywords.Count > MaxKeywords || keywords.Any(keyword => keyword.Length > MaxKeywordLength)
            ? Invalid("invalid_metadata", $"Invalid metadata: at most {MaxKeywords} keywords of at most {MaxKeywordLength} characters")
            : null;

    private static Refusal Invalid(string code, string message) => new(RefusalReason.Invalid, code, message);

    [GeneratedRegex(@"^(?:@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"^[a-zA-Z0-9._+-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Version();
}
