using System.Text.Json.Nodes;

using Registry.PackageService.Features.Publishing.Tarballs;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Publishing.Bodies;

/// <summary>The metadata of a pantry publish (P14, P21, P22, P32, P33).</summary>
internal static class PantryMetadata
{
    private const int MaxDescriptionLength = 2000;
    private const int MaxKeywords = 50;
    private const int MaxKeywordLength = 50;
    private const int MaxHomepageLength = 512;
    private const int MaxVersionLength = 64;

    /// <summary>Turns metadata and a tarball into a command.</summary>
    /// <exception cref="BodyRefusedException">They break a rule or disagree.</exception>
    public static PublishCommand ToCommand(JsonObject metadata, ReceivedTarball tarball)
    {
        if (!PackageName.TryParse(metadata.Text("name"), out var name) || name.Value != metadata.Text("name"))
        {
            throw Invalid("invalid_name", "Invalid metadata: the name is missing or not a valid package name");
        }

        var text = metadata.Text("version");
        if (text is not { Length: <= MaxVersionLength } || !SemVersion.TryParse(text, out var version))
        {
            throw Invalid(
                "invalid_version", $"Invalid metadata: the version is missing or not a semantic version of at most {MaxVersionLength} characters");
        }

        CheckLength(metadata, "description", MaxDescriptionLength);
        CheckLength(metadata, "homepage", MaxHomepageLength);
        CheckKeywords(metadata);
        var contents = PublishedTarball.Accept(tarball, name, version);
        return new PublishCommand(
            name, version, DistTagName.Latest, ManifestMerge.Merge(metadata, contents, name, version), PublishedTarball.Describe(tarball, contents))
        {
            Readme = PublishedReadme.Choose([metadata], contents, out var filename),
            ReadmeFilename = filename,
        };
    }

    private static BodyRefusedException Invalid(string code, string message) => BodyRefusedException.Invalid(code, message);

    private static void CheckLength(JsonObject metadata, string key, int maxLength)
    {
        if (metadata.Text(key)?.Length > maxLength)
        {
            throw Invalid("invalid_metadata", $"Invalid metadata: the {key} has more than {maxLength} characters");
        }
    }

    private static void CheckKeywords(JsonObject metadata)
    {
        var valid = metadata["keywords"] is null
            || (metadata["keywords"] is JsonArray { Count: <= MaxKeywords } keywords
                && keywords.All(keyword => keyword is JsonValue value && value.TryGetValue<string>(out var text) && text.Length <= MaxKeywordLength));
        if (!valid)
        {
            throw Invalid(
                "invalid_metadata", $"Invalid metadata: the keywords must be a list of at most {MaxKeywords} texts of at most {MaxKeywordLength} characters");
        }
    }
}
