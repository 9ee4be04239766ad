using System.Net;
using System.Text.Json;

using Registry.AuthService.SecondFactors;
using Registry.Contracts.Http;

namespace Registry.AuthService.Tests.Hosting;

/// <summary>An account with a second factor, and the authenticator that knows its secret.</summary>
internal sealed class Authenticator
{
    private readonly byte[] _secret;
    private readonly long _confirmedAt;

    private Authenticator(byte[] secret, long confirmedAt) => (_secret, _confirmedAt) = (secret, confirmedAt);

    public required string Name { get; init; }

    public required Caller Caller { get; init; }

    public required IReadOnlyList<string> RecoveryCodes { get; init; }

    /// <summary>The caller whose request carried a good code.</summary>
    public Caller CallerWithCode => Caller with { SecondFactor = new SecondFactor(SecondFactorNeed.Writes, SecondFactorAnswer.Accepted) };

    /// <summary>The step after the one whose code confirmed: unused, and good for half a minute at least.</summary>
    public string NextCode => OneTimePassword.CodeAt(_confirmedAt + 1, _secret);

    /// <summary>A code of long ago.</summary>
    public string OldCode => OneTimePassword.CodeAt(_confirmedAt - 100, _secret);

    /// <summary>Goes through what npm profile enable-2fa does.</summary>
    public static async Task<Authenticator> EnrolAsync(AuthHost host, string mode = "auth-and-writes")
    {
        var name = AuthHost.NewName();
        var caller = await host.CallerAsync(name);
        var asked = await AuthHost.JsonOf(await AskAsync(host, caller, mode));
        var secret = SecretIn(asked.GetProperty("tfa").GetString()!);
        var step = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30;
        using var confirmed = await host.SendAsync(HttpMethod.Post, "/-/npm/v1/user", new { tfa = new[] { OneTimePassword.CodeAt(step, secret) } }, caller);
        confirmed.StatusCode.ShouldBe(HttpStatusCode.OK, await confirmed.Content.ReadAsStringAsync());
        var codes = (await AuthHost.JsonOf(confirmed)).GetProperty("tfa").EnumerateArray().Select(code => code.GetString()!).ToList();
        return new Authenticator(secret, step) { Name = name, Caller = caller, RecoveryCodes = codes };
    }

    public static Task<HttpResponseMessage> AskAsync(AuthHost host, Caller caller, string mode, string client = "npm/11.19.1 node/v24.0.0") =>
        host.SendAsync(
            HttpMethod.Post,
            "/-/npm/v1/user",
            new { tfa = new { password = AuthHost.Password, mode } },
            caller,
            headers: new Dictionary<string, string> { ["User-Agent"] = client });

    /// <summary>The secret in an otpauth address.</summary>
    public static byte[] SecretIn(string address)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var text = System.Web.HttpUtility.ParseQueryString(new Uri(address).Query)["secret"]!;
        var bits = string.Concat(text.Select(c => Convert.ToString(Alphabet.IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2))];
    }

    public static async Task<JsonElement> ProfileAsync(AuthHost host, Caller caller) =>
        (await AuthHost.JsonOf(await host.SendAsync(HttpMethod.Get, "/-/npm/v1/user", caller: caller))).GetProperty("tfa");
}
