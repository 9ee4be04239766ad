using System.Text.Json;
using System.Text.RegularExpressions;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Data;
using Registry.AuthService.Hosting;
using Registry.Contracts.Http;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;

namespace Registry.AuthService.Features.Profile;

/// <summary>
/// <c>npm profile enable-2fa</c> and <c>disable-2fa</c> (protocol 3.10): <c>{password, mode}</c> asks, and a list with a code confirms. Each is answered
/// by the profile, in which <c>tfa</c> says what came of it.
/// </summary>
internal static partial class NpmSecondFactor
{
    private const string Disable = "disable";

    public static async Task<Results<Ok<NpmProfileDocument>, ProblemHttpResult>> ChangeSecondFactorAsync(
        this HttpContext context, JsonElement wanted, ChangeSecondFactor change, AuthDbContext db, CancellationToken cancellationToken)
    {
        var caller = context.GetCaller();
        var command = new SecondFactorCommand(caller, context.GetAssertion().ClientAddress, new Uri(context.GetMount().PublicUrl).Host);
        if (await RunAsync(command, wanted, change, cancellationToken) is not { } outcome)
        {
            return AuthProblems.Invalid("tfa is a password with a mode (auth-only, auth-and-writes or disable), or a list with one code");
        }

        return Refusal(context, outcome) is { } refusal
            ? refusal
            : TypedResults.Ok(NpmProfileDocument.Of(
                await db.Accounts.AsNoTracking().SingleAsync(a => a.Id == caller.UserId, cancellationToken), Answer(context.Request, outcome)));
    }

    /// <summary>Null when what was sent has neither form.</summary>
    private static async Task<ChangeSecondFactorOutcome?> RunAsync(
        SecondFactorCommand command, JsonElement wanted, ChangeSecondFactor change, CancellationToken cancellationToken)
    {
        if (wanted.ValueKind == JsonValueKind.Array)
        {
            return wanted.GetArrayLength() == 1 && TextOf(wanted[0]) is { Length: > 0 } code
                ? await change.ConfirmAsync(command, code, cancellationToken)
                : null;
        }

        if (Member(wanted, "password") is not { Length: > 0 } password || Member(wanted, "mode") is not { } mode)
        {
            return null;
        }

        return mode == Disable ? await change.DisableAsync(command, password, cancellationToken)
            : NpmSecondFactorDocument.ModeNamed(mode) is { } named ? await change.AskAsync(command, password, named, cancellationToken)
            : null;
    }

    private static ProblemHttpResult? Refusal(HttpContext context, ChangeSecondFactorOutcome outcome) =>
        outcome switch
        {
            ChangeSecondFactorOutcome.Wanted => SecondFactorDemands.Challenge(
                context.GetCaller().SecondFactor?.Answer ?? SecondFactorAnswer.None),
            ChangeSecondFactorOutcome.WrongPassword => AuthProblems.WrongPassword(context.GetCaller().UserName!),
            ChangeSecondFactorOutcome.WrongCode => RegistryProblem.Create(
                400, "wrong_code", "The code is not the authenticator's: check that its clock is right, and give the next code"),
            ChangeSecondFactorOutcome.NothingPending => RegistryProblem.Create(
                400, "second_factor_not_pending", "No second factor waits to be confirmed: run npm profile enable-2fa"),
            ChangeSecondFactorOutcome.Unavailable => RegistryProblem.Create(
                403, "second_factor_unavailable", "This registry has no second factors: its operator has set no SecondFactor:Key"),
            ChangeSecondFactorOutcome.Throttled(var wait) => AuthProblems.TooManyAttempts(context, wait),
            _ => null,
        };

    private static object? Answer(HttpRequest request, ChangeSecondFactorOutcome outcome) =>
        outcome switch
        {
            ChangeSecondFactorOutcome.Pending(var address) => address,
            ChangeSecondFactorOutcome.Confirmed(var codes) => codes,

            // npm before 11.4 takes null, and nothing else, for a mode that was changed; later ones the mode.
            ChangeSecondFactorOutcome.ModeChanged(var enrolment) => IsOldNpm(request.Headers.UserAgent.ToString()) ? null : NpmSecondFactorDocument.Of(enrolment),
            _ => false,
        };

    private static bool IsOldNpm(string client) =>
        Npm().Match(client) is { Success: true } found
        && Version.TryParse(found.Groups[1].Value, out var version)
        && version < new Version(11, 4);

    private static string? Member(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) ? TextOf(value) : null;

    private static string? TextOf(JsonElement value) => value.TryGetText(out var text) ? text : null;

    [GeneratedRegex(@"^npm/(\d{1,4}\.\d{1,4})\.")]
    private static partial Regex Npm();
}
