using System.ComponentModel.DataAnnotations;

namespace Registry.AuthService.Throttling;

/// <summary>How often one may fail to log in, and sign up.</summary>
internal sealed class ThrottleOptions
{
    public const string Section = "Throttle";

    /// <summary>Failed log-ins for one account from one address (IPv6: one /64) within <see cref="FailureWindow"/>.</summary>
    [Range(1, 100_000)]
    public int FailuresPerAccountAndAddress { get; set; } = 10;

    /// <summary>Failed log-ins from one address, whatever the account, within <see cref="FailureWindow"/>.</summary>
    [Range(1, 1_000_000)]
    public int FailuresPerAddress { get; set; } = 100;

    /// <summary>How long failures are remembered, counted from the first.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan FailureWindow { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Wrong one-time passwords for one account, from anywhere, within <see cref="SecondFactorWindow"/>.</summary>
    [Range(1, 1000)]
    public int SecondFactorFailures { get; set; } = 10;

    /// <summary>How long wrong one-time passwords are remembered, counted from the first.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan SecondFactorWindow { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Pages for logging in with a browser that one address may open within <see cref="FailureWindow"/>.</summary>
    [Range(1, 1_000_000)]
    public int WebSessionsPerAddress { get; set; } = 60;

    /// <summary>Attempts to sign up from one address within <see cref="SignUpWindow"/>.</summary>
    [Range(1, 1_000_000)]
    public int SignUpsPerAddress { get; set; } = 30;

    /// <summary>How long sign-ups are remembered, counted from the first.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan SignUpWindow { get; set; } = TimeSpan.FromHours(1);
}
