using System.Text.Json.Nodes;

using Registry.PackageService.Tests.Running;
using Registry.Testing.Upstreams;

namespace Registry.PackageService.Tests.Proxying;

/// <summary>A PackageService with two upstreams, for the tests of a class that use names of their own and leave both upstreams well.</summary>
public sealed class TwoUpstreams(PackageSystem system) : IAsyncLifetime
{
    internal (string First, string Second) Names { get; } = (PackageSystem.NewName("first"), PackageSystem.NewName("second"));

    internal NpmUpstream First { get; private set; } = null!;

    internal NpmUpstream Second { get; private set; } = null!;

    internal ProxySystem Proxy { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        (First, Second) = (await NpmUpstream.StartAsync(), await NpmUpstream.StartAsync());
        Proxy = await ProxySystem.StartAsync(
            system,
            ProxySystem.Entry(Second, Names.Second, static entry =>
            {
                entry["priority"] = 20;
                entry["cache"] = new JsonObject { ["maxAgeSeconds"] = 0, ["staleWhileRevalidateSeconds"] = 0 };
            }),
            ProxySystem.Entry(First, Names.First, static entry =>
            {
                entry["priority"] = 10;
                entry["block"] = new JsonArray("blocked-*", new JsonObject { ["package"] = "*@6.6.6", ["reason"] = "unlucky" });
            }));
    }

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        await First.DisposeAsync();
        await Second.DisposeAsync();
    }

    /// <summary>Nobody has asked them, and they answer as they are.</summary>
    internal void Reset()
    {
        foreach (var upstream in (NpmUpstream[])[First, Second])
        {
            (upstream.Fault, upstream.Edit) = (null, null);
            upstream.ForgetRequests();
        }
    }
}
