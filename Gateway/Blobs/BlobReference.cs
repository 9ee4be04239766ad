using Registry.Contracts.Http;

namespace Registry.Gateway.Blobs;

/// <summary>The blob a service wants to see sent as the body of its answer.</summary>
/// <param name="Digest"><c>sha256:{64 lower-case hex}</c>; null when the service named something else.</param>
internal sealed record BlobReference(string? Digest)
{
    private const string Algorithm = "sha256:";
    private const int HexLength = 64;

    /// <summary>The 64 digits.</summary>
    public string? Hex => Digest?[Algorithm.Length..];

    /// <summary>The reference in an answer; null when it holds none.</summary>
    public static BlobReference? In(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues(InternalHeaders.Blob, out var values) && values.FirstOrDefault() is { } text
            ? new BlobReference(IsDigest(text) ? text : null)
            : null;

    private static bool IsDigest(string text) =>
        text.Length == Algorithm.Length + HexLength
        && text.StartsWith(Algorithm, StringComparison.Ordinal)
        && text[Algorithm.Length..].All(char.IsAsciiHexDigitLower);
}
