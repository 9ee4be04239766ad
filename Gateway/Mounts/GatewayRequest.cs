using Microsoft.AspNetCore.Http.Features;

using Registry.Contracts.Http;

namespace Registry.Gateway.Mounts;

/// <summary>What the Gateway has found out about a request, before routing.</summary>
/// <param name="Mount">The mount, as services are told.</param>
/// <param name="Target">The raw target with the mount's prefix taken off.</param>
/// <param name="ClientAddress">The client's address.</param>
/// <param name="IsHealth">The Gateway itself answers, with its health.</param>
internal sealed record GatewayRequest(MountContext Mount, string Target, string? ClientAddress, bool IsHealth)
{
    /// <summary>Who is asking, once the credential has been resolved.</summary>
    public Caller Caller { get; set; } = Caller.Anonymous;

    /// <summary>The service that answers, once that has been decided.</summary>
    public string Service { get; set; } = "";

    /// <summary>The request's findings.</summary>
    public static GatewayRequest Of(HttpContext context) => context.Features.GetRequiredFeature<GatewayRequest>();
}
