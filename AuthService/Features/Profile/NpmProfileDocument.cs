using System.Text.Json.Serialization;

using Registry.AuthService.Accounts;
using Registry.AuthService.SecondFactors;
using Registry.ServiceDefaults;

namespace Registry.AuthService.Features.Profile;

/// <summary>A profile as <c>npm profile</c> reads it (protocol 3.10): every member is there, null for what was not given.</summary>
internal sealed record NpmProfileDocument(string Name, string Created, string Updated)
{
    public string Email { get; init; } = "";

    /// <summary>Always false: this registry sends no mail that would verify it.</summary>
    [JsonPropertyName("email_verified")]
    public bool EmailVerified { get; init; }

    [JsonPropertyName("fullname"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? FullName { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Homepage { get; init; }

    [JsonPropertyName("github"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? GitHub { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Twitter { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Freenode { get; init; }

    [JsonPropertyName("cidr_whitelist"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string[]? Cidrs { get; init; }

    /// <summary>
    /// Read: false, or a <see cref="NpmSecondFactorDocument"/>. After it was asked for: the <c>otpauth</c> address; after it was confirmed:
    /// the recovery codes.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public object? Tfa { get; init; }

    public static NpmProfileDocument Of(Account account, object? tfa) =>
        new(account.Name, IsoTime.Of(account.CreatedAt), IsoTime.Of(account.UpdatedAt ?? account.CreatedAt))
        {
            Email = account.Email ?? "",
            FullName = account.FullName,
            Homepage = account.Homepage,
            GitHub = account.GitHub,
            Twitter = account.Twitter,
            Freenode = account.Freenode,
            Tfa = tfa,
        };
}

/// <summary>A second factor as npm's clients read it.</summary>
internal sealed record NpmSecondFactorDocument(string Mode, bool Pending)
{
    /// <summary>False for none, as they expect.</summary>
    public static object Of(Enrolment? enrolment) =>
        enrolment is null ? false : new NpmSecondFactorDocument(NameOf(enrolment.Mode), enrolment.ConfirmedAt is null);

    public static string NameOf(SecondFactorMode mode) => mode == SecondFactorMode.AuthOnly ? "auth-only" : "auth-and-writes";

    public static SecondFactorMode? ModeNamed(string? name) =>
        name switch
        {
            "auth-only" => SecondFactorMode.AuthOnly,
            "auth-and-writes" => SecondFactorMode.AuthAndWrites,
            _ => null,
        };
}
