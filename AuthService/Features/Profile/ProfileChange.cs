using System.Text.Json;

using Registry.AuthService.Accounts;
using Registry.AuthService.Hosting;

namespace Registry.AuthService.Features.Profile;

/// <summary>
/// What <c>npm profile set</c> sends: any subset of the profile, in which null, as empty strings arrive, clears a field (protocol 3.10).
/// What is not in the profile is not looked at: clients resend all of what they were given.
/// </summary>
internal sealed class ProfileChange
{
    private static readonly string[] Texts = ["email", "fullname", "homepage", "github", "twitter", "freenode"];

    private readonly Dictionary<string, string?> _texts = new(StringComparer.Ordinal);

    private ProfileChange()
    {
    }

    /// <summary>The old password and the new one; null when it stays.</summary>
    public (string Old, string New)? Password { get; private set; }

    /// <summary>What is to become of the second factor, as it was sent; null for nothing.</summary>
    public JsonElement? SecondFactor { get; private set; }

    /// <summary>Reads a body's members; <paramref name="refusal"/> says what is wrong when the answer is null.</summary>
    public static ProfileChange? Parse(Dictionary<string, JsonElement> body, out string? refusal)
    {
        var change = new ProfileChange();
        refusal = change.ReadTexts(body)
            ?? (body.TryGetValue("password", out var password) && password.ValueKind != JsonValueKind.Null ? change.ReadPassword(password) : null);
        if (body.TryGetValue("tfa", out var tfa) && tfa.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
        {
            change.SecondFactor = tfa;
        }

        return refusal is null ? change : null;
    }

    /// <summary>Writes the texts into the account.</summary>
    public void ApplyTo(Account account, DateTimeOffset now)
    {
        foreach (var (field, text) in _texts)
        {
            Set(account, field, text);
        }

        account.UpdatedAt = now;
    }

    private static void Set(Account account, string field, string? text)
    {
        switch (field)
        {
            case "email": account.Email = text; break;
            case "fullname": account.FullName = text; break;
            case "homepage": account.Homepage = text; break;
            case "github": account.GitHub = text; break;
            case "twitter": account.Twitter = text; break;
            default: account.Freenode = text; break;
        }
    }

    private string? ReadTexts(Dictionary<string, JsonElement> body)
    {
        foreach (var field in Texts)
        {
            if (!body.TryGetValue(field, out var sent))
            {
                continue;
            }

            if (!sent.TryGetText(out var given))
            {
                return $"{field} is not text";
            }

            var text = given is { Length: > 0 } ? given : null;
            if ((field == "email" ? SignUpRules.RefusalOfEmail(text) : ProfileRules.Refusal(field, text)) is { } sentence)
            {
                return sentence;
            }

            _texts[field] = text;
        }

        return null;
    }

    private string? ReadPassword(JsonElement sent)
    {
        if (sent.ValueKind != JsonValueKind.Object || Text(sent, "old") is not { Length: > 0 } old || Text(sent, "new") is not { } wanted)
        {
            return "To change the password, send the old one and the new one";
        }

        Password = (old, wanted);
        return SignUpRules.IsOverlong(old) ? "A password has at most 1024 bytes" : SignUpRules.RefusalOfPassword(wanted);
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.TryGetText(out var text) ? text : null;
}
