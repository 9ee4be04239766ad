using System.Net;
using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.PackageService.Tests.Proxying;
using Registry.Testing;

namespace Registry.PackageService.Tests.Features.Upstreams;

/// <summary>Who may not change upstreams, and what nobody may make of them. Nothing here changes anything, so one registry is enough.</summary>
public sealed class UpstreamRefusalTests(UpstreamRefusalTests.Refusing refusing) : IClassFixture<UpstreamRefusalTests.Refusing>
{
    public static TheoryData<string, string> Requests => new()
    {
        { "GET", "" }, { "GET", "/x" }, { "GET", "/x/health" }, { "POST", "" }, { "PATCH", "/x" }, { "DELETE", "/x" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Without_an_account_nothing_is_told(string method, string path)
    {
        using var anonymous = await refusing.Proxy.AskAsync(new HttpMethod(method), path, "{}", Caller.Anonymous);
        using var rejected = await refusing.Proxy.AskAsync(new HttpMethod(method), path, "{}", Caller.Anonymous with { Credential = CredentialState.Rejected });

        anonymous.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await anonymous.ProblemAsync()).Code.ShouldBe("login_required");
        (await rejected.ProblemAsync()).Code.ShouldBe("credential_rejected");
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Only_administrators_with_unlimited_tokens_do_this_and_everybody_with_an_account_asks_for_health(string method, string path)
    {
        var isWrite = method != "GET";
        foreach (var (caller, code) in new[]
        {
            (TestKeys.User("somebody"), "administrator_required"),
            (OwnRegistry.Administrator with { Limits = new TokenLimits(false, ["x"], null) }, "token_limited"),
            (OwnRegistry.Administrator with { Limits = new TokenLimits(false, null, ["x"]) }, "token_limited"),
            (OwnRegistry.Administrator with { Limits = new TokenLimits(true, null, null) }, isWrite ? "token_read_only" : null),
        })
        {
            using var answer = await refusing.Proxy.AskAsync(new HttpMethod(method), path, "{}", caller);

            var isOpen = path.EndsWith("health", StringComparison.Ordinal) || code is null;
            answer.StatusCode.ShouldBe(!isOpen ? HttpStatusCode.Forbidden : path.Length == 0 ? HttpStatusCode.OK : HttpStatusCode.NotFound);
            if (!isOpen)
            {
                (await answer.ProblemAsync()).Code.ShouldBe(code);
            }
        }
    }

    [Theory]
    [InlineData("GET", "/nobody")]
    [InlineData("GET", "/nobody/health")]
    [InlineData("PATCH", "/nobody")]
    [InlineData("DELETE", "/nobody")]
    [InlineData("PATCH", "/%2F..")]
    public async Task What_is_not_there_is_not_found(string method, string path)
    {
        using var answer = await refusing.Proxy.AskAsync(new HttpMethod(method), path, "{}");

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await answer.ProblemAsync()).Code.ShouldBe("upstream_not_found");
    }

    [Theory]
    [InlineData("POST", "")]
    [InlineData("PATCH", "/{file}")]
    public async Task What_is_too_long_is_not_read(string method, string path)
    {
        var body = ProxySystem.Entry(new Uri("http://127.0.0.1:9"), "npm", "long", static entry => entry["allow"] = new JsonArray([.. Enumerable.Range(0, 400).Select(static _ => (JsonNode)new string('x', 200))]));

        using var answer = await refusing.Proxy.AskAsync(new HttpMethod(method), path.Replace("{file}", Refusing.OfFile, StringComparison.Ordinal), body.ToJsonString());

        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await answer.ProblemAsync()).Code.ShouldBe("entry_too_large");
    }

    [Theory]
    [InlineData("", "is no JSON")]
    [InlineData("no JSON", "is no JSON")]
    [InlineData("""{"name":"a","type":"npm","url":"http://127.0.0.1:9"} {}""", "is no JSON")]
    [InlineData("null", "must be an object")]
    [InlineData("7", "must be an object")]
    [InlineData("\"text\"", "must be an object")]
    [InlineData("""[{"name":"a"}]""", "must be an object")]
    [InlineData("""{"priority":1} // a comment""", "without comments")]
    [InlineData("""{"priority":1,}""", "without a comma after the last member")]
    [InlineData("""{"priority":1,"priority":2}""", "the request:1: priority: is given twice")]
    [InlineData("""{"cache":{"maxAgeSeconds":1,"maxAgeSeconds":2}}""", "cache.maxAgeSeconds: is given twice")]
    [InlineData("""{"auth":{"type":"bearer","token":"${PATH}"}}""", "auth.token: must not hold '${'")]
    [InlineData("""{"block":["a\ud800"]}""", "half of a surrogate pair")]
    [InlineData("""{"prioritty":1}""", "prioritty: is not known here")]
    [InlineData("""{"priority":-1}""", "priority: must be a whole number")]
    [InlineData("""{"priority":null}""", "priority: must be a whole number")]
    [InlineData("""{"priority":1e999}""", "priority: must be a whole number")]
    [InlineData("""{"enabled":"yes"}""", "enabled: must be true or false")]
    [InlineData("""{"url":"ftp://example.test"}""", "url: must be a URL")]
    [InlineData("""{"url":"http://user:word@example.test"}""", "url: must not hold a user or password")]
    [InlineData("""{"url":7}""", "url: must be a text")]
    [InlineData("""{"auth":"token"}""", "auth")]
    [InlineData("""{"auth":{"type":"bearer"}}""", "auth.token: is missing")]
    [InlineData("""{"cache":[]}""", "cache: must be an object")]
    [InlineData("""{"block":[{"reason":"none"}]}""", "block[0].package: is missing")]
    [InlineData("""{"tarballHosts":["http://example.test"]}""", "tarballHosts[0]: must be the name of a host")]
    public async Task What_cannot_be_used_is_refused_with_its_key(string body, string problem)
    {
        var whole = body.StartsWith("{\"", StringComparison.Ordinal) && !body.Contains("\"name\"", StringComparison.Ordinal)
            ? $$"""{"name":"wrong","type":"npm"{{(body.Contains("\"url\"", StringComparison.Ordinal) ? "" : ",\"url\":\"http://127.0.0.1:9\"")}},{{body[1..]}}"""
            : body;

        using var added = await refusing.Proxy.AskAsync(HttpMethod.Post, body: whole);
        using var changed = await refusing.Proxy.AskAsync(HttpMethod.Patch, $"/{Refusing.OfFile}", body);

        foreach (var answer in new[] { added, changed })
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            var (code, sentence) = await answer.ProblemAsync();
            code.ShouldBe("invalid_upstream");
            sentence.ShouldContain(problem);
        }
    }

    [Fact]
    public async Task Everything_wrong_is_said_at_once()
    {
        using var answer = await refusing.Proxy.AskAsync(HttpMethod.Post, body: """
            {
              "name": "two words",
              "type": "nmp",
              "priority": "high"
            }
            """);

        (await answer.ProblemAsync()).Sentence.Split(Environment.NewLine).Select(static line => line[..line.IndexOf(": ", 15, StringComparison.Ordinal)])
            .ShouldBe(["the request:1: url", "the request:2: name", "the request:3: type", "the request:4: priority"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_name_cannot_be_changed()
    {
        using var answer = await refusing.Proxy.AskAsync(HttpMethod.Patch, $"/{Refusing.OfFile}", """{"name":"another"}""");

        (await answer.ProblemAsync()).Sentence.ShouldContain($"name: must stay '{Refusing.OfFile}'");
    }

    /// <summary>A registry with an upstream in its file.</summary>
    public sealed class Refusing : IAsyncLifetime
    {
        internal const string OfFile = "of-the-file";
        private readonly OwnRegistry _own = new();

        internal ProxySystem Proxy { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await _own.InitializeAsync();
            Proxy = await ProxySystem.StartAsync(_own.System, ProxySystem.Entry(new Uri("http://127.0.0.1:9"), "npm", OfFile));
        }

        public async ValueTask DisposeAsync()
        {
            await Proxy.DisposeAsync();
            await _own.DisposeAsync();
        }
    }
}
