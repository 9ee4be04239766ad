using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests;

/// <summary>Each kind of wrong input gets a clear sentence in the client's own dialect, and nothing is half-written.</summary>
[Trait("Profile", "one")] // refused before it matters where bytes and processes are
public sealed class WrongInputTests(RegistryFixture fixture)
{
    [Fact]
    public async Task Npm_prints_our_sentence_without_a_token()
    {
        using var npm = new NpmClient($"{fixture.Registry.Npm}/");
        npm.UseToken("reg_this-token-was-never-issued");

        var refused = (await npm.RunAsync(npm.NewPackage("unauthorised", "1.0.0"), "publish")).ShouldFail();

        refused.Everything.ShouldContain("E401");
        refused.Everything.ShouldContain("log", Case.Insensitive);
    }

    [Fact]
    public async Task Npm_prints_its_own_sentence_for_an_existing_version_K09()
    {
        using var npm = await fixture.SignedUpAsync("repeater");
        var package = npm.NewPackage("published-twice", "1.0.0");
        (await npm.RunAsync(package, "publish")).ShouldSucceed();

        var refused = (await npm.RunAsync(package, "publish", "--force")).ShouldFail();

        refused.Everything.ShouldContain("You cannot publish over the previously published versions: 1.0.0");
    }

    [Fact]
    public async Task Npm_prints_not_found_for_an_unknown_package()
    {
        using var npm = new NpmClient($"{fixture.Registry.Npm}/");

        (await npm.RunAsync(npm.NewProject(), "install", "nobody-published-this")).ShouldFail().Everything.ShouldContain("E404");
    }

    [Fact]
    public async Task A_stranger_may_not_publish_into_anothers_package_and_does_not_see_a_restricted_one()
    {
        using var owner = await fixture.SignedUpAsync("owner-of-it");
        using var stranger = await fixture.SignedUpAsync("stranger-to-it");
        (await owner.RunAsync(owner.NewPackage("owned", "1.0.0"), "publish")).ShouldSucceed();
        (await owner.RunAsync(owner.NewPackage("@hidden-scope/secret", "1.0.0"), "publish")).ShouldSucceed();

        (await stranger.RunAsync(stranger.NewPackage("owned", "2.0.0"), "publish")).ShouldFail().Everything.ShouldContain("E403");
        (await stranger.RunAsync(stranger.NewPackage("@hidden-scope/mine", "1.0.0"), "publish")).ShouldFail().Everything.ShouldContain("E403");
        (await stranger.RunAsync(stranger.NewProject(), "view", "@hidden-scope/secret")).ShouldFail().Everything.ShouldContain("E404");
        (await owner.RunAsync(owner.NewProject(), "view", "@hidden-scope/secret", "version")).ShouldSucceed();
    }

    [Theory]
    [InlineData("none", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer reg_unknown", HttpStatusCode.Unauthorized)]
    [InlineData("Basic bm9ib2R5Om5vdGhpbmc=", HttpStatusCode.Unauthorized)]
    public async Task Publishing_without_a_valid_credential_is_401(string authorization, HttpStatusCode expected)
    {
        using var client = RegistryProcess.NewClient();
        if (authorization != "none")
        {
            client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(authorization);
        }

        var tarball = TarballOf.Package("no-credential", "1.0.0");
        using var answer = await client.PutAsync($"{fixture.Registry.Npm}/no-credential", Json(TarballOf.NpmDocument("no-credential", "1.0.0", tarball)));

        await ShouldRefuseAsync(answer, expected);
        answer.Headers.WwwAuthenticate.ToString().ShouldContain("Bearer");
    }

    public static TheoryData<string, int> WrongDocuments { get; } = new()
    {
        { "bad name", 400 },
        { "bad semver", 400 },
        { "integrity mismatch", 400 },
        { "shasum mismatch", 400 },
        { "length mismatch", 400 },
        { "not base64", 400 },
        { "not gzip", 400 },
        { "traversal in the tarball", 400 },
        { "manifest disagrees in version", 400 },
        { "manifest disagrees in name", 400 },
        { "no package.json", 400 },
        { "two versions", 400 },
        { "not json", 400 },
        { "nul in the manifest", 400 },
    };

    [Theory]
    [MemberData(nameof(WrongDocuments))]
    public async Task A_wrong_publish_document_is_refused_with_a_sentence(string what, int status)
    {
        using var user = await fixture.SignedUpAsync($"wrong-{what.Replace(' ', '-')}");
        using var client = RegistryFixture.HttpFor(user);
        var name = $"wrong-{what.Replace(' ', '-').Replace(".", "", StringComparison.Ordinal)}";
        var (path, body) = Wrong(what, name);

        using var answer = await client.PutAsync($"{fixture.Registry.Npm}/{path}", body);

        await ShouldRefuseAsync(answer, (HttpStatusCode)status);
        using var absent = await client.GetAsync($"{fixture.Registry.Npm}/{name}");
        absent.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_413_and_a_truncated_one_leaves_nothing()
    {
        using var user = await fixture.SignedUpAsync("over-the-limit");
        await using var registry = await RegistryProcess.StartAsync(new JsonObject { ["Publishing"] = new JsonObject { ["MaxTarballBytes"] = 100_000 } });
        using var npm = new NpmClient($"{registry.Npm}/");
        (await npm.LoginAsync("small", "correct horse battery")).ShouldSucceed();
        using var client = RegistryFixture.HttpFor(npm);
        var tarball = TarballOf.Package(new JsonObject { ["name"] = "too-large", ["version"] = "1.0.0" }, ("package/a.bin", RandomNumberGenerator.GetBytes(200_000)));

        using var answer = await client.PutAsync($"{registry.Npm}/too-large", Json(TarballOf.NpmDocument("too-large", "1.0.0", tarball)));
        await ShouldRefuseAsync(answer, HttpStatusCode.RequestEntityTooLarge);
        var package = npm.NewPackage("too-large", "1.0.0");
        await File.WriteAllBytesAsync(Path.Combine(package, "large.bin"), RandomNumberGenerator.GetBytes(200_000));
        (await npm.RunAsync(package, "publish")).ShouldFail().Everything.ShouldContain("413");

        await SendTruncatedAsync(new Uri(registry.Npm), npm.Token!, "truncated");
        using var absent = await client.GetAsync($"{registry.Npm}/truncated");
        absent.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        Directory.EnumerateFiles(Path.Combine(registry.Data, "blobs"), "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/../secrets")]
    [InlineData("/a/%2e%2e/b")]
    [InlineData("/a/..%2fb")]
    [InlineData("/%2E%2E%5Cwindows")]
    [InlineData("/r/main/./x")]
    public async Task Dot_segments_are_400(string target)
    {
        var answer = await SendRawAsync(new Uri(fixture.Registry.Npm), $"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 400");
        answer.ShouldContain("\"error\"");
    }

    [Theory]
    [InlineData("/internal/introspect")]
    [InlineData("/internal/changes")]
    [InlineData("/r/main/internal/changes")]
    [InlineData("/%69nternal/changes")]
    public async Task Internal_endpoints_are_not_reachable_from_outside(string target)
    {
        foreach (var listener in (string[])[fixture.Registry.Web, fixture.Registry.Npm])
        {
            var answer = await SendRawAsync(new Uri(listener), $"GET {target} HTTP/1.1\r\nHost: localhost\r\nX-Registry-Assertion: x.y.z\r\nConnection: close\r\n\r\n");

            answer.ShouldStartWith("HTTP/1.1 404");
        }
    }

    [Fact]
    public async Task A_forged_Host_poisons_nothing()
    {
        using var user = await fixture.SignedUpAsync("host-forger");
        (await user.RunAsync(user.NewPackage("not-poisoned", "1.0.0"), "publish")).ShouldSucceed();
        var listener = new Uri(fixture.Registry.Npm);

        var forged = await SendRawAsync(listener, "GET /not-poisoned HTTP/1.1\r\nHost: evil.example.test\r\nConnection: close\r\n\r\n");
        using var client = RegistryProcess.NewClient();
        var honest = await client.GetStringAsync($"{fixture.Registry.Npm}/not-poisoned");

        forged.ShouldContain("http://evil.example.test/not-poisoned/-/not-poisoned-1.0.0.tgz");
        honest.ShouldContain($"{fixture.Registry.Npm}/not-poisoned/-/not-poisoned-1.0.0.tgz");
        honest.ShouldNotContain("evil");
    }

    [Fact]
    public async Task Open_sign_up_answers_only_to_the_registrys_own_addresses()
    {
        // A web page can have its own name point at this machine (DNS rebinding); the browser then takes us for its origin.
        const string Body = """{"_id":"org.couchdb.user:rebound","name":"rebound","password":"correct horse battery"}""";

        var answer = await SendRawAsync(
            new Uri(fixture.Registry.Npm),
            $"PUT /-/user/org.couchdb.user:rebound HTTP/1.1\r\nHost: evil.example.test:{new Uri(fixture.Registry.Npm).Port}\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\nConnection: close\r\n\r\n{Body}");

        answer.ShouldStartWith("HTTP/1.1 403");
        answer.ShouldContain("sign_up_by_invitation");
    }

    private static (string Path, HttpContent Body) Wrong(string what, string name)
    {
        var good = TarballOf.Package(name, "1.0.0");
        JsonObject Document(byte[] tarball, Action<JsonObject>? edit = null) => TarballOf.NpmDocument(name, "1.0.0", tarball, edit);
        return what switch
        {
            "bad name" => (".Bad%20Name", Json(TarballOf.NpmDocument(".Bad Name", "1.0.0", good))),
            "bad semver" => (name, Json(TarballOf.NpmDocument(name, "1.0", TarballOf.Package(name, "1.0")))),
            "integrity mismatch" => (name, Json(Document(good, d => Manifest(d)["dist"]!["integrity"] = $"sha512-{Convert.ToBase64String(new byte[64])}"))),
            "shasum mismatch" => (name, Json(Document(good, d => Manifest(d)["dist"]!["shasum"] = new string('0', 40)))),
            "length mismatch" => (name, Json(Document(good, d => d["_attachments"]![0]!["length"] = 7))),
            "not base64" => (name, Json(Document(good, d => d["_attachments"]![0]!["data"] = "%%%%"))),
            "not gzip" => (name, Json(Document("this is not a tarball"u8.ToArray()))),
            "traversal in the tarball" => (name, Json(Document(TarballOf.Package(
                new JsonObject { ["name"] = name, ["version"] = "1.0.0" }, ("package/../../etc/passwd", "x"u8.ToArray()))))),
            "manifest disagrees in version" => (name, Json(Document(TarballOf.Package(name, "2.0.0")))),
            "manifest disagrees in name" => (name, Json(Document(TarballOf.Package("something-else", "1.0.0")))),
            "no package.json" => (name, Json(Document(Empty()))),
            "two versions" => (name, Json(Document(good, d => d["versions"]!["1.0.1"] = Manifest(d).DeepClone()))),
            "not json" => (name, new StringContent("{\"name\": oops", Encoding.UTF8, "application/json")),
            "nul in the manifest" => (name, Json(Document(good, d => Manifest(d)["description"] = "a\0b"))),
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };
    }

    private static JsonNode Manifest(JsonObject document) => document["versions"]!["1.0.0"]!;

    private static byte[] Empty()
    {
        var bytes = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(bytes, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(new byte[1024]);
        }

        return bytes.ToArray();
    }

    private static StringContent Json(JsonObject document) => new(document.ToJsonString(), Encoding.UTF8, "application/json");

    private static async Task ShouldRefuseAsync(HttpResponseMessage answer, HttpStatusCode expected)
    {
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(expected, text);
        var body = JsonNode.Parse(text)!;
        body["error"]!.GetValue<string>().Length.ShouldBeGreaterThan(10);
        body["code"]!.GetValue<string>().ShouldMatch("^[a-z0-9_]+$");
    }

    private static async Task SendTruncatedAsync(Uri listener, string token, string name)
    {
        var body = TarballOf.NpmDocument(name, "1.0.0", TarballOf.Package(name, "1.0.0")).ToJsonString();
        using var socket = new TcpClient();
        await socket.ConnectAsync(listener.Host, listener.Port);
        var head = $"PUT /{name} HTTP/1.1\r\nHost: {listener.Authority}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n";
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head + body[..(body.Length / 2)]));
    }

    private static async Task<string> SendRawAsync(Uri listener, string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(listener.Host, listener.Port);
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(socket.GetStream(), Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }
}
