using Registry.Contracts.Http;
using Registry.Gateway.Tests.Harness;
using Registry.Testing;

namespace Registry.Gateway.Tests.Mounts;

/// <summary>Whether what is not published behind a mount is asked of the upstreams, as the services are told in the assertion.</summary>
public sealed class UpstreamTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Theory]
    [InlineData("npm", "/x", true)]
    [InlineData("npm", "/packages/x", true)]
    [InlineData("web", "/api/v1/packages", true)]
    [InlineData("web", "/r/main/x", true)]
    [InlineData("web", "/r/team-2/x", true)]
    [InlineData("web", "/pantry/packages/x", true)]
    [InlineData("web", "/r/loft/x", false)]
    [InlineData("web", "/loft/packages", false)]
    [InlineData("loft", "/packages", false)]
    public async Task Without_configuration_every_repository_but_lofts_uses_upstreams(string listener, string target, bool uses)
    {
        var address = listener switch
        {
            "web" => shared.Gateway.WebAddress,
            "npm" => shared.Gateway.NpmAddress,
            _ => shared.Gateway.LoftAddress,
        };

        (await MountOfAsync(shared.Gateway, address, target)).UsesUpstreams.ShouldBe(uses);
    }

    [Fact]
    public async Task A_mount_may_be_kept_from_upstreams()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(
            ("Gateway:Mounts:own:Listener", "npm"), ("Gateway:Mounts:own:Dialect", "npm"), ("Gateway:Mounts:own:Upstreams", "false"),
            ("Gateway:Mounts:all:Listener", "web"), ("Gateway:Mounts:all:Dialect", "npm"), ("Gateway:Mounts:all:Upstreams", "true"),
            ("Gateway:Mounts:loft:Listener", "loft"), ("Gateway:Mounts:loft:Dialect", "loft"));

        (await MountOfAsync(gateway, gateway.NpmAddress, "/x")).UsesUpstreams.ShouldBeFalse();
        (await MountOfAsync(gateway, gateway.WebAddress, "/x")).UsesUpstreams.ShouldBeTrue();
        (await MountOfAsync(gateway, gateway.LoftAddress, "/x")).UsesUpstreams.ShouldBeFalse();
    }

    private static async Task<MountContext> MountOfAsync(GatewayUnderTest gateway, Uri address, string target)
    {
        var marker = Guid.CreateVersion7().ToString();
        (await Wire.SendAsync(address, "GET", target, $"X-Marker: {marker}")).Status.ShouldBe(200);
        var request = gateway.Packages.Requests.Single(request => request.Header("X-Marker") == marker);
        return TestKeys.Codec.Verify(request.Header(InternalHeaders.Assertion)!, ServiceNames.Packages)!.Mount!;
    }
}
