using Registry.Testing;
using Registry.Upstreams.Tests.Loopback;
using Registry.Upstreams.Types;

namespace Registry.Upstreams.Tests;

/// <summary>What a registry is shown (M30–M34), and that nobody else is.</summary>
public sealed class CredentialTests
{
    public static TheoryData<RegistryAuth, string, string?> Kinds => new()
    {
        { RegistryAuth.None, "Authorization", null },
        { new RegistryAuth.Bearer("a-token"), "Authorization", "Bearer a-token" },
        { new RegistryAuth.Oidc("an.identity.token"), "Authorization", "Bearer an.identity.token" },
        { new RegistryAuth.Basic("user", "pass"), "Authorization", "Basic dXNlcjpwYXNz" },
        { new RegistryAuth.Custom("X-API-Key", "api-key-value"), "X-API-Key", "api-key-value" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Each_kind_is_sent_in_its_header(RegistryAuth auth, string header, string? value)
    {
        await using var server = await LoopbackServer.StartAsync();
        using var registry = new CustomRegistry(RegistryConfig.Custom("private", server.Url) with { Auth = auth });

        await registry.FetchMetadataAsync("hello");

        server.Requests.ShouldHaveSingleItem().Headers.GetValueOrDefault(header).ShouldBe(value);
    }

    [Fact]
    public async Task A_registry_below_a_path_is_asked_below_it()
    {
        await using var server = await LoopbackServer.StartAsync();
        using var registry = new NpmRegistry(RegistryConfig.Npm(new Uri(server.Url, "/npm/all")));

        await registry.ListVersionsAsync("hello");

        server.Requests.ShouldHaveSingleItem().Target.ShouldBe("/npm/all/hello");
    }

    [Fact]
    public async Task Credentials_stay_behind_when_a_tarball_is_somewhere_else()
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Issue("localhost");
        await using var registry = await LoopbackServer.StartAsync();
        await using var elsewhere = await LoopbackServer.StartAsync(certificate);
        var there = $"https://localhost:{elsewhere.Url.Port}/moved";
        elsewhere.Bytes("/moved", "bytes"u8.ToArray());
        registry.Json("/packages/hello/1.0.0", """{"name":"hello","version":"1.0.0"}""").On("/packages/hello/1.0.0/tarball", context =>
        {
            context.Response.Redirect(there);
            return Task.CompletedTask;
        });
        using var handler = authority.NewHandler();
        handler.AllowAutoRedirect = false;
        using var client = new CustomRegistry(RegistryConfig.Custom("private", registry.Url) with { Auth = new RegistryAuth.Custom("X-API-Key", "secret") }, handler);
        var file = Path.GetTempFileName();

        (await client.DownloadTarballAsync("hello", "1.0.0", file)).ShouldBeTrue();

        registry.Requests.ShouldAllBe(request => request.Headers["X-API-Key"] == "secret");
        elsewhere.Requests.ShouldHaveSingleItem().Headers.Keys.ShouldNotContain("X-API-Key");
        File.Delete(file);
    }

    [Fact]
    public void A_handler_that_would_take_credentials_along_is_refused()
    {
        using var follows = new SocketsHttpHandler();

        Should.Throw<ArgumentException>(() => new NpmRegistry(RegistryConfig.Npm(new Uri("https://npm.example.test")), follows)).ParamName.ShouldBe("handler");
    }
}
