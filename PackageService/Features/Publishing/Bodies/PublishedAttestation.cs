using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;

using Registry.PackageService.Features.Publishing.Tarballs;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Publishing.Bodies;

/// <summary>
/// The sigstore bundle that comes with a version (npm protocol 3.9). It must speak of this version and these bytes; whether its signature holds
/// is for those who read it, who know whom they trust.
/// </summary>
internal static class PublishedAttestation
{
    private const int MaxBytes = 512 * 1024;
    private const int MaxTypeLength = 256;

    /// <summary>The attestation among a document's attachments, or null.</summary>
    /// <exception cref="BodyRefusedException">It is malformed, or of something else.</exception>
    public static AttestationBundle? Read(JsonObject document, ReceivedTarball tarball, PackageName name, SemVersion version)
    {
        var found = document["_attachments"]!.AsObject().Where(attachment => attachment.Key.EndsWith(".sigstore", StringComparison.Ordinal)).ToArray();
        if (found.Length == 0)
        {
            return null;
        }

        if (found.Length > 1 || (found[0].Value as JsonObject)?.TextOrNull("data") is not { } text)
        {
            throw Invalid("there must be one, with its bundle as text");
        }

        if (Encoding.UTF8.GetByteCount(text) > MaxBytes)
        {
            throw BodyRefusedException.TooLarge("attestation_too_large", $"The attestation is larger than {MaxBytes} bytes");
        }

        var bundle = JsonReading.ParseObject(Encoding.UTF8.GetBytes(text), "The attestation", JsonDuplicates.Refused);
        var statement = StatementOf(bundle);
        CheckSubject(statement, tarball, $"pkg:npm/{name}@{version}");
        return statement.TextOrNull("predicateType") is { Length: > 0 and <= MaxTypeLength } type
            ? new AttestationBundle(type, bundle.ToJsonString())
            : throw Invalid("its statement has no predicateType");
    }

    private static BodyRefusedException Invalid(string why) => BodyRefusedException.Invalid("invalid_attestation", $"The attestation is not acceptable: {why}");

    private static JsonObject StatementOf(JsonObject bundle) =>
        (bundle["dsseEnvelope"] as JsonObject)?.TextOrNull("payload") is { } payload && Base64.IsValid(payload)
            ? JsonReading.ParseObject(Convert.FromBase64String(payload), "The attestation's statement", JsonDuplicates.Refused)
            : throw Invalid("it has no dsseEnvelope with a payload in base64");

    private static void CheckSubject(JsonObject statement, ReceivedTarball tarball, string expected)
    {
        if (statement["subject"] is not JsonArray { Count: 1 } subjects || subjects[0] is not JsonObject subject)
        {
            throw Invalid("its statement must have one subject");
        }

        // A package URL may or may not escape the scope's @ and the plus of build metadata.
        var name = subject.TextOrNull("name") ?? "(none)";
        if (Uri.UnescapeDataString(name) != expected)
        {
            throw Invalid($"its subject is {JsonReading.Printable(name)}, not {expected}");
        }

        var sha512 = (subject["digest"] as JsonObject)?.TextOrNull("sha512") ?? "(none)";
        if (!sha512.Equals(Convert.ToHexStringLower(tarball.Integrity.Sha512), StringComparison.OrdinalIgnoreCase))
        {
            throw Invalid($"its subject's sha512 is {JsonReading.Printable(sha512)}, which is not the tarball's");
        }
    }
}
