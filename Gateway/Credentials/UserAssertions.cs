using Registry.Contracts.Http;
using Registry.Gateway.Caching;
using Registry.Gateway.Mounts;
using Registry.ServiceDefaults.Assertions;

namespace Registry.Gateway.Credentials;

/// <summary>Signed assertions for users, reused for half their lifetime: signing costs more than a small answer.</summary>
internal sealed class UserAssertions(AssertionCodec codec, TimeProvider clock)
{
    private static readonly TimeSpan ReusedFor = TimeSpan.FromSeconds(30);

    // Pages are made by Web from what packages and search tell the same user.
    private static readonly string[] WebAudience = [ServiceNames.Web, ServiceNames.Packages, ServiceNames.Search];

    private readonly EvictableCache<Key, string> _signed = new(new CacheLimits(10_000, 32 * 1024 * 1024), clock);

    /// <summary>The assertion that goes with a request to its service.</summary>
    public string For(GatewayRequest request)
    {
        var lookup = _signed.Find(new Key(request.Caller, request.Mount, request.ClientAddress, request.Service));
        if (lookup.Found is { } kept)
        {
            return kept;
        }

        var text = codec.SignUser(
            request.Service == ServiceNames.Web ? WebAudience : [request.Service], request.Caller, request.Mount, request.ClientAddress);
        if (lookup.Fill is not { } fill)
        {
            return text; // another request signs the same: waiting would cost more
        }

        // What is kept for a Host that anybody could make up would push out the rest; a code counts for the request it came with.
        var isReusable = request.Mount.IsCanonical && request.Caller.SecondFactor is (null or { Answer: SecondFactorAnswer.None });
        fill.Complete(new Filled<string>(text, request.Caller.CredentialId, text.Length * sizeof(char), isReusable ? ReusedFor : TimeSpan.Zero));
        return text;
    }

    /// <summary>Forgets what was signed for a credential.</summary>
    public void Evict(string credentialId) => _signed.Evict(credentialId);

    private sealed record Key(Caller Caller, MountContext Mount, string? ClientAddress, string Service);
}
