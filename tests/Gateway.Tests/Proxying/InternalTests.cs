using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

using Registry.Contracts.Http;
using Registry.Gateway.Tests.Harness;
using Registry.ServiceDefaults;
using Registry.Testing;

namespace Registry.Gateway.Tests.Proxying;

/// <summary>The services' own endpoints are not reachable from outside: behind the Gateway stands a service with the real middleware.</summary>
public sealed class InternalTests
{
    private static readonly string[] Spellings =
    [
        "/internal/changes", "/INTERNAL/changes", "/%69nternal/changes", "/internal%2fchanges", "/internal//changes", "//internal/changes",
        "/internal/changes/", "/internal/changes?x=1", "/internal;x/changes", "/internal%5cchanges", "/@x/internal/changes", "/internal",
        "/x/%2finternal/changes", "/%2finternal/changes", "/%2Finternal%2Fchanges", "/%252finternal/changes",
    ];

    [Fact]
    public async Task No_mount_and_no_spelling_reaches_an_internal_endpoint()
    {
        var reached = 0;
        await using var service = await ServiceHost.StartAsync(ServiceNames.Packages, (args, settings) => Build(args, settings, () => reached++));
        await using var gateway = await GatewayUnderTest.StartAsync(
            ("services:packages:http:0", service.Address.ToString()), ("services:web:http:0", service.Address.ToString()));
        var mounts = new[] { gateway.WebAddress, gateway.NpmAddress, gateway.LoftAddress }.SelectMany(address => new[] { "", "/r/main", "/pantry", "/loft", "/api/v1" }, (address, prefix) => (address, prefix));

        foreach (var (address, prefix) in mounts)
        {
            foreach (var spelling in Spellings)
            {
                var before = reached;
                await Wire.SendAsync(address, "GET", prefix + spelling, "Authorization: Bearer good");
                reached.ShouldBe(before, $"{address}{prefix}{spelling}");
            }
        }

        await ReachesOthersAsync(gateway);
    }

    [Theory]
    [InlineData("/internal/changes")]
    [InlineData("/Internal")]
    [InlineData("/%69nternal/changes")]
    public async Task On_the_web_listener_the_gateway_itself_says_no(string target)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        (await Wire.SendAsync(gateway.WebAddress, "GET", target)).Status.ShouldBe(404);

        gateway.Web.Requests.ShouldBeEmpty();
    }

    // The test above would pass if nothing were reachable at all.
    private static async Task ReachesOthersAsync(GatewayUnderTest gateway) =>
        (await Wire.SendAsync(gateway.NpmAddress, "GET", "/internal/changes")).Body.ShouldContain("the package internal");

    private static WebApplication Build(string[] args, IEnumerable<KeyValuePair<string, string?>>? settings, Action onReached)
    {
        var app = ServiceDefaultsExtensions.CreateServiceBuilder(ServiceNames.Packages, args, settings).Build();
        app.UseServiceDefaults();
        app.MapFallback("/internal/{**rest}", (HttpContext context) =>
        {
            // The Gateway itself follows the feed with an assertion of its own.
            if (context.Features.Get<Assertion>()?.Kind != AssertionKind.Service)
            {
                onReached();
            }

            return "internal";
        });
        app.MapGet("/npm/internal/{version}", () => "the package internal");
        return app;
    }
}
