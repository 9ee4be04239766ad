using System.Text;

using Microsoft.Extensions.Primitives;

namespace Registry.Gateway.Credentials;

/// <summary>
/// The one place where credentials are read from requests, in every form clients send them (K13): <c>Bearer</c>,
/// <c>token</c>, <c>Basic</c> with a token or a password, a bare value, and in other headers. A scheme selects how the
/// value is parsed and nothing else. <c>Authorization</c> comes before the other headers, which count in their order.
/// </summary>
internal sealed class CredentialReader(IReadOnlyList<string> otherHeaders)
{
    private const int MaxLength = 8 * 1024;
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private readonly string[] _headers = ["Authorization", .. otherHeaders];

    /// <summary>Reads the request's credential.</summary>
    public CredentialReading Read(IHeaderDictionary headers)
    {
        foreach (var name in _headers)
        {
            if (headers.TryGetValue(name, out var values) && !StringValues.IsNullOrEmpty(values))
            {
                return values.Count > 1 ? CredentialReading.Ambiguous : Parse(values.ToString().Trim());
            }
        }

        return CredentialReading.None;
    }

    private static CredentialReading Parse(string value)
    {
        if (value.Length > MaxLength)
        {
            return CredentialReading.TooLong;
        }

        var space = value.IndexOf(' ', StringComparison.Ordinal);
        var scheme = space < 0 ? value : value[..space];
        var rest = space < 0 ? "" : value[space..].Trim();
        if (Is(scheme, "bearer") || Is(scheme, "token"))
        {
            return Token(rest);
        }

        return Is(scheme, "basic") ? Basic(rest)
            : rest.Length == 0 ? Token(value)
            : CredentialReading.Unreadable;
    }

    private static bool Is(string scheme, string known) => string.Equals(scheme, known, StringComparison.OrdinalIgnoreCase);

    private static CredentialReading Token(string text) =>
        text.Length > 0 && !text.Contains(' ', StringComparison.Ordinal)
            ? new CredentialReading(CredentialForm.Present, text, null)
            : CredentialReading.Unreadable;

    private static CredentialReading Basic(string encoded)
    {
        if (Decode(encoded) is not { } pair)
        {
            return CredentialReading.Unreadable;
        }

        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        var (user, password) = colon < 0 ? (pair, "") : (pair[..colon], pair[(colon + 1)..]);

        // A token may stand on either side of the colon; with both sides given AuthService tells token from password.
        return (user, password) switch
        {
            ("", "") => CredentialReading.Unreadable,
            ("", _) => new CredentialReading(CredentialForm.Present, password, null),
            (_, "") => new CredentialReading(CredentialForm.Present, user, null),
            _ => new CredentialReading(CredentialForm.Present, password, user),
        };
    }

    private static string? Decode(string encoded)
    {
        try
        {
            // Some clients leave the padding out.
            return StrictUtf8.GetString(Convert.FromBase64String(encoded.PadRight((encoded.Length + 3) / 4 * 4, '=')));
        }
        catch (Exception unreadable) when (unreadable is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }
}

/// <summary>What was found where a credential may be.</summary>
/// <param name="Form">What kind of thing.</param>
/// <param name="Secret">The token or password, when present.</param>
/// <param name="UserName">The name sent with it, when there was one.</param>
internal sealed record CredentialReading(CredentialForm Form, string Secret, string? UserName)
{
    public static CredentialReading None { get; } = new(CredentialForm.None, "", null);

    public static CredentialReading Unreadable { get; } = new(CredentialForm.Unreadable, "", null);

    public static CredentialReading TooLong { get; } = new(CredentialForm.TooLong, "", null);

    public static CredentialReading Ambiguous { get; } = new(CredentialForm.Ambiguous, "", null);
}

/// <summary>What kind of thing stands where a credential may be.</summary>
internal enum CredentialForm
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A credential.</summary>
    Present,

    /// <summary>Something no credential looks like; it counts as one that is not valid.</summary>
    Unreadable,

    /// <summary>More than any credential is long.</summary>
    TooLong,

    /// <summary>The same header twice.</summary>
    Ambiguous,
}
