using Registry.Contracts.Http;
using Registry.Gateway.Tests.Harness;
using Registry.Testing;

namespace Registry.Gateway.Tests.Mounts;

/// <summary>Which mount a request belongs to, as the services are told in the assertion.</summary>
public sealed class MountTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Abbreviated = "Accept: application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";

    [Theory]
    [InlineData("web", "GET", "/", "web", Dialects.Native, "main", "/")]
    [InlineData("web", "GET", "/r/main/lodash", "packages", Dialects.Npm, "main", "/lodash")]
    [InlineData("web", "GET", "/r/main", "packages", Dialects.Npm, "main", "/")]
    [InlineData("web", "GET", "/r/main?write=true", "packages", Dialects.Npm, "main", "/?write=true")]
    [InlineData("web", "GET", "/r/team-2/-/whoami", "auth", Dialects.Npm, "team-2", "/-/whoami")]
    [InlineData("web", "GET", "/r/Main/lodash", "web", Dialects.Native, "main", "/r/Main/lodash")]
    [InlineData("web", "GET", "/r", "web", Dialects.Native, "main", "/r")]
    [InlineData("web", "GET", "/%72/main/lodash", "web", Dialects.Native, "main", "/%72/main/lodash")]
    [InlineData("web", "GET", "/pantry/packages/lodash", "packages", Dialects.Pantry, "main", "/packages/lodash")]
    [InlineData("web", "GET", "/pantry", "packages", Dialects.Pantry, "main", "/")]
    [InlineData("web", "GET", "/pantryx", "web", Dialects.Native, "main", "/pantryx")]
    [InlineData("web", "GET", "/pantry/search?q=x", "search", Dialects.Pantry, "main", "/search?q=x")]
    [InlineData("web", "GET", "/loft/packages", "packages", Dialects.Loft, "loft", "/packages")]
    [InlineData("web", "GET", "/api/v1/search?q=x", "search", Dialects.Native, "main", "/api/v1/search?q=x")]
    [InlineData("web", "GET", "/api/v1/whoami", "auth", Dialects.Native, "main", "/api/v1/whoami")]
    [InlineData("web", "POST", "/api/v1/accounts", "auth", Dialects.Native, "main", "/api/v1/accounts")]
    [InlineData("web", "GET", "/api/v1/repositories", "packages", Dialects.Native, "main", "/api/v1/repositories")]
    [InlineData("web", "GET", "/api/v1x", "web", Dialects.Native, "main", "/api/v1x")]
    [InlineData("loft", "GET", "/packages", "packages", Dialects.Loft, "loft", "/packages")]
    [InlineData("npm", "GET", "/", "packages", Dialects.Npm, "main", "/")]
    [InlineData("npm", "GET", "/lodash", "packages", Dialects.Npm, "main", "/lodash")]
    [InlineData("npm", "PUT", "/-/user/org.couchdb.user:alice", "auth", Dialects.Npm, "main", "/-/user/org.couchdb.user:alice")]
    [InlineData("npm", "GET", "/-/npm/v1/tokens", "auth", Dialects.Npm, "main", "/-/npm/v1/tokens")]
    [InlineData("npm", "GET", "/-/npm/v1/user", "auth", Dialects.Npm, "main", "/-/npm/v1/user")]
    [InlineData("npm", "POST", "/-/v1/login", "auth", Dialects.Npm, "main", "/-/v1/login")]
    [InlineData("npm", "GET", "/-/v1/search?text=x", "search", Dialects.Npm, "main", "/-/v1/search?text=x")]
    [InlineData("npm", "GET", "/-/package/x/dist-tags", "packages", Dialects.Npm, "main", "/-/package/x/dist-tags")]
    public async Task A_request_reaches_its_service_through_its_mount(
        string listener, string method, string target, string service, string dialect, string repository, string arrivesAs)
    {
        var (gateway, marker) = (shared.Gateway, Guid.CreateVersion7().ToString());

        await Wire.SendAsync(AddressOf(gateway, listener), method, target, $"X-Marker: {marker}", "Content-Length: 0");

        var received = Find(gateway, marker);
        received.Backend.ShouldBe(service);
        received.Request.Target.ShouldBe(arrivesAs);
        var mount = TestKeys.Codec.Verify(received.Request.Header(InternalHeaders.Assertion)!, service)!.Mount!;
        (mount.Dialect, mount.Repository).ShouldBe((dialect, repository));
    }

    [Theory]
    [InlineData("GET", "/packages/lodash", Dialects.Pantry)]
    [InlineData("HEAD", "/packages/lodash", Dialects.Pantry)]
    [InlineData("GET", "/packages/@scope/name", Dialects.Pantry)]
    [InlineData("GET", "/packages/@scope%2fname/1.0.0", Dialects.Pantry)]
    [InlineData("GET", "/packages/%40scope%2Fname/1.0.0/tarball", Dialects.Pantry)]
    [InlineData("GET", "/packages/lodash/versions", Dialects.Pantry)]
    [InlineData("POST", "/publish", Dialects.Pantry)]
    [InlineData("POST", "/packages", Dialects.Pantry)]
    [InlineData("POST", "/packages/publish", Dialects.Pantry)]
    [InlineData("GET", "/search?q=x", Dialects.Pantry)]
    [InlineData("OPTIONS", "/publish", Dialects.Pantry)]
    [InlineData("GET", "/packages", Dialects.Npm)]
    [InlineData("PUT", "/packages", Dialects.Npm)]
    [InlineData("PUT", "/publish", Dialects.Npm)]
    [InlineData("GET", "/publish", Dialects.Npm)]
    [InlineData("GET", "/packages/-/packages-1.0.0.tgz", Dialects.Npm)]
    [InlineData("GET", "/packages/lodash/1.0.0/other", Dialects.Npm)]
    [InlineData("GET", "/lodash", Dialects.Npm)]
    public async Task Pantrys_documented_paths_are_reserved_on_the_shared_root(string method, string target, string dialect)
    {
        (await DialectAsync(method, target)).ShouldBe(dialect);
    }

    [Theory]
    [InlineData("GET", "/packages/lodash", "npm-command: install")]
    [InlineData("GET", "/search", Abbreviated)]
    [InlineData("GET", "/health", Abbreviated)]
    [InlineData("GET", "/alive", "npm-command: view")]
    [InlineData("GET", "/search", "User-Agent: npm/11.2.0 node/v22.0.0 linux x64 workspaces/false")]
    [InlineData("GET", "/packages/1.0.0", "User-Agent: pnpm/9.15.9 npm/? node/v22.0.0 linux x64")]
    [InlineData("GET", "/search", "User-Agent: yarn/1.22.22 npm/? node/v22.0.0 linux x64")]
    [InlineData("GET", "/search", "User-Agent: Bun/1.4.5")]
    public async Task A_reserved_word_with_npms_fingerprint_is_the_package_of_that_name(string method, string target, string header)
    {
        (await DialectAsync(method, target, header)).ShouldBe(Dialects.Npm);
    }

    [Fact]
    public async Task Another_agent_that_merely_mentions_npm_has_no_fingerprint()
    {
        (await DialectAsync("GET", "/search", "User-Agent: curl/8 (like npm/11)")).ShouldBe(Dialects.Pantry);
    }

    private async Task<string> DialectAsync(string method, string target, params string[] headers)
    {
        var (gateway, marker) = (shared.Gateway, Guid.CreateVersion7().ToString());
        await Wire.SendAsync(gateway.NpmAddress, method, target, ["Content-Length: 0", $"X-Marker: {marker}", .. headers]);
        var (service, request) = Find(gateway, marker);
        return TestKeys.Codec.Verify(request.Header(InternalHeaders.Assertion)!, service)!.Mount!.Dialect;
    }

    private static (string Backend, Received Request) Find(GatewayUnderTest gateway, string marker) =>
        gateway.Backends.SelectMany(b => b.Requests.Select(r => (b.Name, Request: r))).Single(r => r.Request.Header("X-Marker") == marker);

    private static Uri AddressOf(GatewayUnderTest gateway, string listener) =>
        listener switch
        {
            "web" => gateway.WebAddress,
            "npm" => gateway.NpmAddress,
            _ => gateway.LoftAddress,
        };
}
