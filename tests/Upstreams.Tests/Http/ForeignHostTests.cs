using System.Net;

using Registry.Testing;
using Registry.Upstreams.Http;
using Registry.Upstreams.Tests.Loopback;
using Registry.Upstreams.Types;

namespace Registry.Upstreams.Tests.Http;

/// <summary>Hosts that a registry names and that are not its own: what is inside our network is not there for it.</summary>
public sealed class ForeignHostTests : IAsyncLifetime
{
    private readonly TestAuthority _authority = new();
    private LoopbackServer? _registry;
    private LoopbackServer? _elsewhere;

    private LoopbackServer Registry => _registry!;

    private string There => $"https://localhost:{_elsewhere!.Url.Port}/it.tgz";

    public async ValueTask InitializeAsync()
    {
        _registry = await LoopbackServer.StartAsync();
        _elsewhere = await LoopbackServer.StartAsync(_authority.Issue("localhost"));
        _elsewhere.Bytes("/it.tgz", "bytes"u8.ToArray());
        Registry.On("/moved.tgz", context =>
        {
            context.Response.Redirect(There);
            return Task.CompletedTask;
        });
    }

    public async ValueTask DisposeAsync()
    {
        await Registry.DisposeAsync();
        await _elsewhere!.DisposeAsync();
        _authority.Dispose();
    }

    [Fact]
    public async Task One_that_nobody_named_has_to_have_a_public_address()
    {
        foreach (var link in (string[])["moved.tgz", There, There.Replace("localhost", "127.0.0.1", StringComparison.Ordinal), "https://[::ffff:10.0.0.1]/x", "https://0.0.0.0/x"])
        {
            var refused = await RefusedAsync(RegistryConfig.Npm(Registry.Url), link);

            refused.Failure.ShouldBe(RegistryFailure.BadAnswer, link);
            refused.Message.ShouldContain("which has no public address");
        }

        _elsewhere!.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_that_is_not_among_those_named_is_not_asked()
    {
        var config = RegistryConfig.Npm(Registry.Url) with { TarballHosts = ["*.example.test"] };

        var refused = await RefusedAsync(config, "moved.tgz");

        refused.Failure.ShouldBe(RegistryFailure.BadAnswer);
        refused.Message.ShouldContain("https://localhost");
        refused.Message.ShouldContain("tarballHosts");
    }

    [Fact]
    public async Task One_that_is_named_may_be_inside_where_the_registry_is_too()
    {
        var config = RegistryConfig.Npm(Registry.Url) with { TarballHosts = ["LOCALHOST"] };
        using var handler = Connections.Elsewhere(config);
        using var trusting = _authority.NewHandler();
        handler.SslOptions = trusting.SslOptions;
        using var registry = new NpmRegistry(config, handler);

        await using var download = (await registry.OpenTarballAsync(There)).ShouldNotBeNull(); // the handler takes every host for a foreign one
        var untrusted = await RefusedAsync(config, "moved.tgz");

        download.SizeBytes.ShouldBeNull(); // sent without its length
        (await download.ReadAsync(new byte[10])).ShouldBe(5);
        untrusted.Failure.ShouldBe(RegistryFailure.Untrusted, "it was asked, and could not prove who it is");
    }

    [Fact]
    public async Task One_that_is_named_may_not_be_inside_where_the_registry_is_public()
    {
        var config = RegistryConfig.Npm(new Uri("https://[2a00::1]/")) with { TarballHosts = ["localhost"] };

        (await RefusedAsync(config, There)).Message.ShouldContain("which has no public address");
    }

    /// <summary>Whoever names a server must not have us ask what its certificate names.</summary>
    [Fact]
    public async Task What_a_certificate_names_is_not_fetched()
    {
        await using var named = await LoopbackServer.StartAsync();
        using var certificate = _authority.Issue("localhost", issuerAt: new Uri(named.Url, "issuer.cer"));
        await using var server = new UntrustedServer(IPAddress.Loopback, certificate);

        var refused = await RefusedAsync(RegistryConfig.Npm(new Uri($"https://localhost:{server.Port}/")), "x.tgz");

        refused.Failure.ShouldBe(RegistryFailure.Untrusted);
        named.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_name_without_an_address_is_unreachable() =>
        (await RefusedAsync(RegistryConfig.Npm(Registry.Url), "https://files.invalid/x")).Failure.ShouldBe(RegistryFailure.Unreachable);

    /// <summary>It resolves names itself; its own address is not what is judged.</summary>
    [Fact]
    public async Task Behind_a_proxy_the_address_is_not_judged()
    {
        await using var proxy = await LoopbackServer.StartAsync();
        var config = RegistryConfig.Npm(Registry.Url) with { Proxy = proxy.Url };

        (await RefusedAsync(config, "https://files.example.test/x")).Failure.ShouldBe(RegistryFailure.Unreachable); // as it makes no tunnels

        proxy.Requests.ShouldHaveSingleItem().Target.ShouldBe("files.example.test:443");
    }

    [Fact]
    public async Task HTTP_2_is_spoken_where_the_server_offers_it()
    {
        using var handler = _authority.NewHandler();
        handler.AllowAutoRedirect = false;
        using var secure = new NpmRegistry(RegistryConfig.Npm(new Uri(There)) with { Url = new Uri($"https://localhost:{_elsewhere!.Url.Port}/") }, handler);
        using var plain = new NpmRegistry(RegistryConfig.Npm(Registry.Url));

        await secure.PingAsync();
        await plain.PingAsync();

        _elsewhere.Requests.ShouldHaveSingleItem().Protocol.ShouldBe("HTTP/2");
        Registry.Requests.ShouldHaveSingleItem().Protocol.ShouldBe("HTTP/1.1");
    }

    [Theory]
    [InlineData("192.0.0.8", false)]
    [InlineData("0.1.2.3", false)]
    [InlineData("10.255.0.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("100.128.0.1", true)]
    [InlineData("127.1.2.3", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.31.0.1", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.7.7", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("8.0.0.1", true)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::7f00:1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:169.254.169.254", false)]
    [InlineData("::ffff:8.0.0.1", true)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("64:ff9b::800:1", true)]
    [InlineData("2002:a00:1::", false)]
    [InlineData("2001:0:a00:1::", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("2a00::1", true)]
    [InlineData("fc00::1", false)]
    [InlineData("fd12:3456::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fec0::1", false)]
    [InlineData("ff02::1", false)]
    public void An_address_is_public_or_not(string address, bool isPublic) => PublicAddresses.Contains(IPAddress.Parse(address)).ShouldBe(isPublic);

    [Theory]
    [InlineData("files.example.test", true)]
    [InlineData("FILES.example.test.", true)]
    [InlineData("a.cdn.example.test", true)]
    [InlineData("a.b.cdn.example.test", true)]
    [InlineData("cdn.example.test", false)]
    [InlineData("evilcdn.example.test", false)]
    [InlineData("files.example.test.evil.test", false)]
    public void A_host_is_named_or_not(string host, bool isNamed) => HostNames.Includes(["files.example.test", "*.cdn.example.test"], host).ShouldBe(isNamed);

    private static async Task<RegistryException> RefusedAsync(RegistryConfig config, string link)
    {
        using var registry = new NpmRegistry(config);
        return await Should.ThrowAsync<RegistryException>(() => registry.OpenTarballAsync(link));
    }
}
