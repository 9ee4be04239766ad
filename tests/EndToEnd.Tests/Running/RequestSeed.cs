using System.Text;
using System.Text.Json.Nodes;

namespace Registry.EndToEnd.Tests.Running;

/// <summary>A request that makes sense, for mutations to begin with.</summary>
/// <param name="Method">The method.</param>
/// <param name="Target">The target.</param>
/// <param name="Body">The body; null for none.</param>
/// <param name="ContentType">What the body is called.</param>
/// <param name="IsNative">It goes to the listener of the web pages and <c>/api/v1</c>, else to that of npm and pantry.</param>
public sealed record RequestSeed(string Method, string Target, string? Body = null, string ContentType = "application/json", bool IsNative = false)
{
    /// <summary>A package that exists, and must be as it was afterwards.</summary>
    public const string Package = "stays";

    /// <summary>A package of the same account that may be changed.</summary>
    public const string Prey = "@hostile/prey";

    /// <summary>At least one request of every public route (docs/protocol.md).</summary>
    public static IReadOnlyList<RequestSeed> All { get; } = [.. Npm(), .. Writes(), .. Identity(), .. Pantry(), .. Native()];

    private static IEnumerable<RequestSeed> Npm() =>
        new[]
        {
            "/", "/-/ping", "/-/whoami", "/-/all", $"/{Package}", $"/{Package}?write=true", $"/{Package}?explain=1", $"/{Package}/1.0.0", $"/{Package}/latest",
            $"/{Package}/-/{Package}-1.0.0.tgz", $"/{Package}/tarball/1.0.0", "/@hostile%2fprey", "/@hostile/prey/-/prey-1.0.0.tgz", "/@hostile/prey/-/@hostile/prey-1.0.0.tgz",
            $"/-/package/{Package}/dist-tags", $"/-/package/{Package}/visibility", $"/-/package/{Package}/access", $"/-/package/{Package}/collaborators?format=cli",
            $"/-/package/{Package}/owners", "/-/v1/search?text=stays&size=20&from=0&quality=0.5", "/-/v1/search?text=scope:hostile%20keywords:a,b", "/-/npm/v1/keys",
            $"/-/npm/v1/attestations/{Package}@1.0.0", "/-/npm/v1/tokens?perPage=10&page=0", "/-/npm/v1/user", "/-/npm/v1/hooks?limit=10&offset=0", "/-/npm/v1/hooks/hook/1",
            "/-/_view/starredByUser?key=%22hostile%22", "/-/user/v1/star", "/-/user/hostile/stars", "/_changes?since=0&limit=10", $"/downloads/point/last-week/{Package}",
            $"/downloads/range/2020-01-01:2020-01-02/{Package}", $"/versions/{Package}/last-week", "/-/org/hostile/user", "/-/org/hostile/team?format=cli", "/-/org/hostile/package",
            "/-/team/hostile/developers/user", "/-/team/hostile/developers/package", "/-/user/hostile/package", "/-/user/org.couchdb.user:hostile", "/favicon.ico", "/robots.txt",
        }.Select(static target => new RequestSeed("GET", target));

    private static IEnumerable<RequestSeed> Writes()
    {
        var publish = TarballOf.NpmDocument(Prey, "9.9.9", TarballOf.Package(Prey, "9.9.9")).ToJsonString();
        var document = """{"_id":"@hostile/prey","_rev":"1-0","name":"@hostile/prey","versions":{"1.0.0":{"name":"@hostile/prey","version":"1.0.0","deprecated":"old"}},"dist-tags":{"latest":"1.0.0"}}""";
        return
        [
            new("PUT", "/@hostile%2fprey", publish),
            new("PUT", "/@hostile%2fprey", document),
            new("PUT", "/@hostile%2fprey", """{"_id":"@hostile/prey","_rev":"1-0","users":{"hostile":true}}"""),
            new("PUT", "/@hostile%2fprey/-rev/1-0", """{"_id":"@hostile/prey","_rev":"1-0","maintainers":[{"name":"hostile","email":"h@example.test"}]}"""),
            new("PUT", "/@hostile%2fprey/-rev/1-0", document),
            new("DELETE", "/@hostile%2fprey/-/prey-1.0.0.tgz/-rev/1-0"),
            new("DELETE", "/@hostile%2fprey/-rev/1-0"),
            new("PUT", "/-/package/@hostile%2fprey/dist-tags/beta", "\"1.0.0\""),
            new("DELETE", "/-/package/@hostile%2fprey/dist-tags/beta"),
            new("POST", "/-/package/@hostile%2fprey/dist-tags", """{"latest":"1.0.0","beta":"1.0.0"}"""),
            new("POST", "/-/package/@hostile%2fprey/access", """{"access":"restricted"}"""),
            new("PUT", "/-/package/@hostile%2fprey/owners", """{"user":"hostile"}"""),
            new("PUT", "/-/pnpm/v1/publish", new JsonObject { ["packages"] = new JsonArray(JsonNode.Parse(publish)) }.ToJsonString()),
            new("PUT", "/-/user/v1/star", """{"name":"@hostile/prey","package":"@hostile/prey"}"""),
            new("POST", "/-/npm/v1/security/advisories/bulk", """{"left-pad":["1.0.0"],"stays":["1.0.0"]}"""),
            new("POST", "/-/npm/v1/security/audits/quick", """{"name":"p","version":"1.0.0","requires":{"stays":"^1.0.0"},"dependencies":{"stays":{"version":"1.0.0"}}}"""),
            new("POST", "/-/npm/v1/hooks/hook", """{"type":"package","name":"@hostile/prey","endpoint":"https://example.test/","secret":"s"}"""),
        ];
    }

    private static IEnumerable<RequestSeed> Identity() =>
    [
        new("PUT", "/-/user/org.couchdb.user:hostile", """{"_id":"org.couchdb.user:hostile","name":"hostile","password":"wrong","type":"user","roles":[]}"""),
        new("POST", "/-/v1/login", """{"hostname":"here"}"""),
        new("POST", "/-/npm/v1/tokens", """{"password":"wrong","readonly":true,"cidr_whitelist":["127.0.0.1/32"]}"""),
        new("DELETE", "/-/npm/v1/tokens/token/0123456789"),
        new("DELETE", "/-/user/token/reg_0123456789"),
        new("POST", "/-/npm/v1/user", """{"fullname":"x","tfa":{"password":"wrong","mode":"auth-only"}}"""),
        new("PUT", "/-/org/hostile/user", """{"user":"hostile","role":"owner"}"""),
        new("DELETE", "/-/org/hostile/user", """{"user":"nobody"}"""),
        new("PUT", "/-/org/hostile/team", """{"name":"prey","description":"x"}"""),
        new("DELETE", "/-/team/hostile/prey"),
        new("PUT", "/-/team/hostile/developers/user", """{"user":"hostile"}"""),
        new("PUT", "/-/team/hostile/developers/package", """{"package":"@hostile/prey","permissions":"read-only"}"""),
        new("DELETE", "/-/team/hostile/developers/package", """{"package":"@hostile/prey"}"""),
        new("POST", "/api/v1/accounts", """{"name":"x","password":"short","invitation":"none"}""", IsNative: true),
    ];

    private static IEnumerable<RequestSeed> Pantry()
    {
        const string Boundary = "cut-here";
        var parts = new StringBuilder()
            .Append($"--{Boundary}\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n").Append("""{"name":"@hostile/prey","version":"8.0.0"}""")
            .Append($"\r\n--{Boundary}\r\nContent-Disposition: form-data; name=\"tarball\"; filename=\"p.tgz\"\r\nContent-Type: application/gzip\r\n\r\nnot a tarball\r\n--{Boundary}--\r\n");
        return
        [
            new("GET", $"/packages/{Package}"),
            new("GET", $"/packages/{Package}/versions"),
            new("GET", $"/packages/{Package}/1.0.0/tarball"),
            new("GET", "/search?q=stays&limit=5"),
            new("POST", "/publish", parts.ToString(), $"multipart/form-data; boundary={Boundary}"),
            new("POST", "/publish", """{"name":"@hostile/prey","version":"8.0.0","tarball":"H4sIAAAAAAAAAwMAAAAAAAAAAAA="}"""),
        ];
    }

    private static IEnumerable<RequestSeed> Native() =>
    [
        .. new[]
        {
            "/", "/search?q=stays", $"/package/{Package}", "/package/@hostile/prey", $"/api/v1/repositories/main/packages/{Package}", "/api/v1/search?q=stays&from=0&size=10", "/api/v1/whoami",
            "/api/v1/upstreams", "/api/v1/upstreams/npm/health", $"/r/main/{Package}", "/r/nowhere/stays", "/internal/changes?after=0", "/health",
        }.Select(static target => new RequestSeed("GET", target, IsNative: true)),
        new("POST", "/api/v1/upstreams", """{"name":"x","type":"npm","url":"https://example.test/"}""", IsNative: true),
        new("PATCH", "/api/v1/upstreams/x", """{"enabled":false}""", IsNative: true),
    ];
}
