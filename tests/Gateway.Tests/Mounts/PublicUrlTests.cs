using Registry.Contracts.Http;
using Registry.Gateway.Tests.Harness;
using Registry.Testing;

namespace Registry.Gateway.Tests.Mounts;

public sealed class PublicUrlTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("LocalHost")]
    [InlineData("[::1]")]
    public async Task A_bound_loopback_address_is_canonical_under_each_of_its_names(string name)
    {
        var gateway = shared.Gateway;

        var mount = await MountOfAsync(gateway, gateway.WebAddress, "/r/main/x", $"Host: {name}:{gateway.WebAddress.Port}");

        mount.PublicUrl.ShouldBe($"http://{name.ToLowerInvariant()}:{gateway.WebAddress.Port}/r/main");
        mount.IsCanonical.ShouldBeTrue();
    }

    [Theory]
    [InlineData("evil.example.test")]
    [InlineData("evil.example.test:8080")]
    [InlineData("xn--bcher-kva.example.test:8080")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:1")]
    [InlineData("localhost.example.test:8080")]
    public async Task Another_host_is_rendered_for_that_request_alone(string host)
    {
        var mount = await MountOfAsync(shared.Gateway, shared.Gateway.NpmAddress, "/x", $"Host: {host}");

        mount.PublicUrl.ShouldBe($"http://{host}");
        mount.IsCanonical.ShouldBeFalse();
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a@b")]
    [InlineData("a:99999")]
    [InlineData("a:x")]
    [InlineData("a:")]
    [InlineData("a..b")]
    [InlineData("[::1")]
    [InlineData("\"<script>")]
    public async Task A_malformed_host_is_refused(string host)
    {
        var answer = await Wire.SendAsync(shared.Gateway.NpmAddress, "GET", "/x", $"Host: {host}");

        answer.Status.ShouldBe(400);
    }

    [Fact]
    public async Task A_request_without_host_gets_the_address_it_came_to()
    {
        var gateway = shared.Gateway;
        var before = gateway.Packages.Requests.Count;

        await Wire.SendTextAsync(gateway.NpmAddress, "GET /nohost HTTP/1.0\r\n\r\n");

        MountOf(gateway.Packages.Requests[before]).PublicUrl.ShouldBe($"http://127.0.0.1:{gateway.NpmAddress.Port}");
    }

    [Fact]
    public async Task Forwarded_headers_of_a_stranger_are_ignored()
    {
        var gateway = shared.Gateway;

        var request = await RequestOfAsync(
            gateway, gateway.NpmAddress, "/x", "X-Forwarded-Host: evil.example.test", "X-Forwarded-Proto: https", "X-Forwarded-For: 10.1.2.3");

        MountOf(request).PublicUrl.ShouldBe($"http://127.0.0.1:{gateway.NpmAddress.Port}");
        AssertionOf(request).ClientAddress.ShouldBe("127.0.0.1");
        request.Header("X-Forwarded-For").ShouldBe("127.0.0.1");
        request.Header("X-Forwarded-Host").ShouldBeNull();
    }

    [Fact]
    public async Task A_trusted_proxy_says_what_the_client_sees()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(("Gateway:TrustedProxies:0", "127.0.0.0/8"), ("Gateway:TrustedProxies:1", "10.0.0.7"));

        var request = await RequestOfAsync(
            gateway, gateway.WebAddress, "/r/main/x",
            "X-Forwarded-Host: forged.example.test, pkg.example.test", "X-Forwarded-Proto: https", "X-Forwarded-Prefix: /registry/",
            "X-Forwarded-For: 1.1.1.1, 203.0.113.9, 10.0.0.7");

        MountOf(request).ShouldBe(new MountContext("web-npm", Dialects.Npm, "main", "https://pkg.example.test/registry/r/main", false));
        AssertionOf(request).ClientAddress.ShouldBe("203.0.113.9");
    }

    [Fact]
    public async Task A_configured_public_url_wins_and_is_canonical()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(
            ("Gateway:Listeners:web:PublicUrl", "https://pkg.example.test/base/"), ("Gateway:TrustedProxies:0", "127.0.0.1"));

        var mount = await MountOfAsync(gateway, gateway.WebAddress, "/r/main/x", "Host: other.example.test", "X-Forwarded-Host: more.example.test");

        mount.PublicUrl.ShouldBe("https://pkg.example.test/base/r/main");
        mount.IsCanonical.ShouldBeTrue();
    }

    [Fact]
    public async Task A_mount_for_a_host_comes_before_one_for_any_and_a_longer_prefix_before_a_shorter()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(
            ("Gateway:Mounts:any:Listener", "web"), ("Gateway:Mounts:any:Dialect", "npm"),
            ("Gateway:Mounts:longer:Listener", "web"), ("Gateway:Mounts:longer:Dialect", "pantry"), ("Gateway:Mounts:longer:Prefix", "/a/b/"),
            ("Gateway:Mounts:hosted:Listener", "web"), ("Gateway:Mounts:hosted:Dialect", "npm"), ("Gateway:Mounts:hosted:Host", "tools.example.test"),
            ("Gateway:Mounts:hosted:Repository", "tools"), ("Gateway:Mounts:hosted:PublicUrl", "https://tools.example.test"));

        (await MountOfAsync(gateway, gateway.WebAddress, "/a/x")).Name.ShouldBe("any");
        (await MountOfAsync(gateway, gateway.WebAddress, "/a/b/x")).Name.ShouldBe("longer");
        (await MountOfAsync(gateway, gateway.WebAddress, "/a/b/x", "Host: TOOLS.example.test:8443"))
            .ShouldBe(new MountContext("hosted", Dialects.Npm, "tools", "https://tools.example.test", true));
        (await Wire.SendAsync(gateway.LoftAddress, "GET", "/x")).Status.ShouldBe(404);
    }

    private static async Task<MountContext> MountOfAsync(GatewayUnderTest gateway, Uri address, string target, params string[] headers) =>
        MountOf(await RequestOfAsync(gateway, address, target, headers));

    private static async Task<Received> RequestOfAsync(GatewayUnderTest gateway, Uri address, string target, params string[] headers)
    {
        var marker = Guid.CreateVersion7().ToString();
        (await Wire.SendAsync(address, "GET", target, [$"X-Marker: {marker}", .. headers])).Status.ShouldBe(200);
        return gateway.Packages.Requests.Single(request => request.Header("X-Marker") == marker);
    }

    private static Assertion AssertionOf(Received request) =>
        TestKeys.Codec.Verify(request.Header(InternalHeaders.Assertion)!, ServiceNames.Packages)!;

    private static MountContext MountOf(Received request) => AssertionOf(request).Mount!;
}
