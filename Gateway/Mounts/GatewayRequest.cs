using Registry.Contracts.Http;
using Registry.Gateway.Downloads;

namespace Registry.Gateway.Mounts;

/// <summary>What the Gateway has found out about a request, before routing.</summary>
/// <param name="Mount">The mount, as services are told.</param>
/// <param name="Target">The raw target with the mount's prefix taken off.</param>
/// <param name="ClientAddress">The client's address.</param>
/// <param name="IsHealth">The Gateway itself answers, with its health.</param>
internal sealed record GatewayRequest(MountContext Mount, string Target, string? ClientAddress, bool IsHealth)
{
    // Not among the features: the server looks through all of its own before it finds another's.
    private static readonly object Key = new();

    /// <summary>Who is asking, once the credential has been resolved.</summary>
    public Caller Caller { get; set; } = Caller.Anonymous;

    /// <summary>The service that answers, once that has been decided.</summary>
    public string Service { get; set; } = "";

    /// <summary>The tarball that its answer is, once that is known.</summary>
    public Download? Download { get; set; }

    /// <summary>The request's findings.</summary>
    public static GatewayRequest Of(HttpContext context) => (GatewayRequest)context.Items[Key]!;

    /// <summary>Puts the findings on the request.</summary>
    public void PutOn(HttpContext context) => context.Items[Key] = this;
}
