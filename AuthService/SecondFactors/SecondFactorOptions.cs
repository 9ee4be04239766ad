using System.ComponentModel.DataAnnotations;

namespace Registry.AuthService.SecondFactors;

/// <summary>How second factors are kept.</summary>
internal sealed class SecondFactorOptions
{
    public const string Section = "SecondFactor";

    /// <summary>What the secrets shared with authenticators are encrypted with, the same in every replica; not set: nobody can enrol.</summary>
    [MinLength(24, ErrorMessage = "SecondFactor:Key is too short to be a secret: give it at least 24 characters.")]
    public string? Key { get; set; }
}
