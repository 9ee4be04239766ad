using System.Security.Cryptography;
using System.Text;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.Gateway.Caching;

namespace Registry.Gateway.Credentials;

/// <summary>
/// Who credentials belong to, asked once and remembered for a few seconds. Keys are digests: no secret stays in memory.
/// A revocation forgets at once (<see cref="Evict"/>), so the lifetime only bounds what a lost event could do.
/// </summary>
internal sealed class Introspections
{
    private const int EntryBytes = 2048;
    private const int IdBytes = 128; // of an organisation or a team
    private const string OfAccount = "account:";
    private static readonly TimeSpan AcceptedFor = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(2);

    private readonly AuthClient _auth;
    private readonly TimeProvider _clock;
    private readonly EvictableCache<string, IntrospectResponse> _known;

    public Introspections(AuthClient auth, CacheMetrics metrics, TimeProvider clock)
    {
        _auth = auth;
        _clock = clock;
        _known = new EvictableCache<string, IntrospectResponse>(new CacheLimits(10_000, 32 * 1024 * 1024), clock);
        metrics.Observe("credentials", () => _known.Tally);
    }

    /// <summary>Resolves a credential.</summary>
    /// <exception cref="HttpRequestException">AuthService could not be reached.</exception>
    /// <exception cref="TimeoutException">AuthService did not answer in time.</exception>
    public Task<IntrospectResponse> ResolveAsync(IntrospectRequest request, CancellationToken cancellationToken) =>
        _known.GetAsync(KeyOf(request), () => AskAsync(request), cancellationToken);

    /// <summary>Forgets a credential by its id, or by <c>account:{user id}</c> all of an account's.</summary>
    public void Evict(string credentialId)
    {
        if (credentialId.StartsWith(OfAccount, StringComparison.Ordinal))
        {
            EvictAccount(credentialId[OfAccount.Length..]);
            return;
        }

        _known.Evict(credentialId);
    }

    /// <summary>Forgets all credentials of an account.</summary>
    public void EvictAccount(string userId) => _known.EvictWhere(answer => answer.Caller.UserId == userId);

    private async Task<Filled<IntrospectResponse>> AskAsync(IntrospectRequest request)
    {
        var answer = await _auth.IntrospectAsync(request);
        return new Filled<IntrospectResponse>(answer, answer.Caller.CredentialId, BytesOf(answer.Caller), LifetimeOf(answer));
    }

    private static int BytesOf(Caller caller) => EntryBytes + (IdBytes * (caller.OrganisationIds.Count + caller.TeamIds.Count));

    private TimeSpan LifetimeOf(IntrospectResponse answer)
    {
        if (answer.Caller.Credential != CredentialState.Accepted)
        {
            return RefusedFor;
        }

        var left = answer.ExpiresAt is { } end ? end - _clock.GetUtcNow() : AcceptedFor;
        return left < AcceptedFor ? left : AcceptedFor;
    }

    // Length-prefixed parts: no two requests share a text.
    private static string KeyOf(IntrospectRequest request)
    {
        var text = $"{request.Secret.Length}:{request.Secret}{request.UserName?.Length}:{request.UserName}{request.ClientAddress}";
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
