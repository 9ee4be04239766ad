using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.Gateway.Mounts;
using Registry.ServiceDefaults.Routing;

namespace Registry.Gateway.Credentials;

/// <summary>
/// The one place where a second factor is read from requests (npm protocol 5): the header <c>npm-otp</c>, in every dialect. Its code is
/// checked for the request it came with and never remembered; what is remembered of the credential says only what the factor is needed for.
/// </summary>
internal sealed class SecondFactorReader(AuthClient auth)
{
    public const string Header = "npm-otp";
    private const int MaxLength = 256;

    /// <summary>The caller with what came of the code.</summary>
    /// <returns>The caller, and how many seconds to wait when the code was not looked at.</returns>
    /// <exception cref="HttpRequestException">AuthService could not be reached.</exception>
    /// <exception cref="TimeoutException">AuthService did not answer in time.</exception>
    public async Task<(Caller Caller, int? RetryAfterSeconds)> JudgeAsync(HttpRequest request, GatewayRequest gateway, Caller caller)
    {
        if (caller is not { SecondFactor: { } factor, UserId: { } user })
        {
            return (caller, null);
        }

        var isRead = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        // A token that may only read does no more with a code than without, and must not spend the tries of its account.
        var mayCount = !isRead && caller.Limits is not { ReadOnly: true };
        if (request.Headers[Header] is [{ Length: > 0 } code] && (mayCount || factor.Need == SecondFactorNeed.Everything))
        {
            var answer = code.Length > MaxLength
                ? new SecondFactorResponse(false)
                : await auth.CheckSecondFactorAsync(new SecondFactorRequest(user, code, OperationOf(request, gateway, caller)));
            if (answer.RetryAfterSeconds is { } seconds)
            {
                return (caller, seconds);
            }

            factor = factor with { Answer = answer.Accepted ? SecondFactorAnswer.Accepted : SecondFactorAnswer.Refused };
        }

        // A password alone is half a credential: it reads what anyone may read.
        return factor is { Need: SecondFactorNeed.Everything, Answer: not SecondFactorAnswer.Accepted }
            ? (Caller.Rejected with { SecondFactor = factor }, null)
            : (caller with { SecondFactor = factor }, null);
    }

    /// <summary>
    /// What one code is good for: what one run of a client does with one credential from one address (npm unpublishes in several steps, and
    /// repeats what met a 5xx, all with the code of its command line). A client that does not name its run gets one package.
    /// </summary>
    private static string OperationOf(HttpRequest request, GatewayRequest gateway, Caller caller) =>
        $"{caller.CredentialId} {gateway.ClientAddress} "
        + (request.Headers["npm-session"] is [{ Length: > 0 and <= MaxLength } session] ? $"session {session}" : $"path {PackagePath(gateway.Target)}");

    private static string PackagePath(string target)
    {
        var path = TargetPath.Normalise(target) ?? target;
        var end = path.IndexOf("/-", 1, StringComparison.Ordinal);
        return end < 0 ? path : path[..end];
    }
}
