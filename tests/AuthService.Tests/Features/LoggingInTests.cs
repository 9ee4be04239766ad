using System.Net;
using System.Text;

using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Tests.Hosting;
using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;

namespace Registry.AuthService.Tests.Features;

public sealed class LoggingInTests(OpenRegistry registry) : IClassFixture<OpenRegistry>
{
    private readonly AuthHost _host = registry.Host;

    [Fact]
    public async Task Signing_up_and_logging_in_are_the_same_request()
    {
        var name = AuthHost.NewName();

        var first = await AuthHost.JsonOf(await _host.LogInAsync(name));
        using var second = await _host.LogInAsync(name);

        second.StatusCode.ShouldBe(HttpStatusCode.Created);
        var answer = await AuthHost.JsonOf(second);
        answer.GetProperty("ok").GetString().ShouldNotBeNullOrEmpty();
        answer.GetProperty("id").GetString().ShouldBe($"org.couchdb.user:{name}");
        answer.GetProperty("rev").GetString()!.ShouldMatch("^[0-9]+-[0-9a-f]{32}$");
        var token = answer.GetProperty("token").GetString()!;
        token.ShouldMatch("^reg_[A-Za-z0-9_-]{43}$");
        token.ShouldNotBe(first.GetProperty("token").GetString());
        (await _host.IntrospectAsync(token)).Caller.UserName.ShouldBe(name);
        second.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Fact]
    public async Task A_wrong_password_is_401_with_a_sentence_that_npm_prints()
    {
        var name = AuthHost.NewName();
        await _host.SignUpAsync(name);

        using var response = await _host.LogInAsync(name, "not the password");

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await AuthHost.SentenceOf(response)).ShouldContain("password");
        response.Headers.WwwAuthenticate.ShouldBeEmpty(); // with it npm replaces our sentence
    }

    [Fact]
    public async Task The_form_with_a_revision_logs_in_too()
    {
        var name = AuthHost.NewName();
        await _host.SignUpAsync(name);

        using var response = await _host.SendAsync(
            HttpMethod.Put, $"/-/user/org.couchdb.user:{name}/-rev/1-abc", AuthHost.UserDocument(name, AuthHost.Password));

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task An_encoded_colon_is_a_colon()
    {
        var name = AuthHost.NewName();

        using var response = await _host.SendAsync(
            HttpMethod.Put, $"/-/user/org.couchdb.user%3A{name}", AuthHost.UserDocument(name, AuthHost.Password));

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData(CredentialState.Rejected)]
    [InlineData(CredentialState.Accepted)]
    public async Task A_credential_that_came_along_is_ignored(CredentialState state)
    {
        var name = AuthHost.NewName();
        var caller = state == CredentialState.Rejected
            ? Caller.Rejected
            : new Caller { Credential = state, UserId = "x", UserName = "somebody-else", CredentialId = "token:x" };

        using var response = await _host.SendAsync(
            HttpMethod.Put, $"/-/user/org.couchdb.user:{name}", AuthHost.UserDocument(name, AuthHost.Password), caller);

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        response.Headers.Contains("npm-notice").ShouldBeFalse();
    }

    [Theory]
    [InlineData("Alice")]
    [InlineData(".alice")]
    [InlineData("-alice")]
    [InlineData("al%20ice")]
    [InlineData("al%2Fice")]
    [InlineData("al%25ice")]
    [InlineData("%40alice")]
    [InlineData("al%C4%B1ce")]
    [InlineData("a12345678901234567890123456789012345678901234567890123456789012345")]
    public async Task An_illegal_name_is_400(string name)
    {
        using var response = await _host.SendAsync(
            HttpMethod.Put, $"/-/user/org.couchdb.user:{name}", AuthHost.UserDocument(Uri.UnescapeDataString(name), AuthHost.Password));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await AuthHost.SentenceOf(response)).ShouldContain("lower-case");
    }

    [Theory]
    [InlineData("""{"name":"NAME"}""", "password")]
    [InlineData("""{"name":"NAME","password":""}""", "password")]
    [InlineData("""{"name":"NAME","password":"seven77"}""", "8 characters")]
    [InlineData("""{"name":"NAME","password":"long enough","email":"not an address"}""", "e-mail")]
    [InlineData("""{"password":"long enough"}""", "name in the body")]
    [InlineData("""{"name":"somebody-else","password":"long enough"}""", "name in the body")]
    [InlineData("""{"name":"NAME","password":"long enough","cidr_whitelist":["nonsense"]}""", "CIDR")]
    [InlineData("""{"name":"NAME","password":"long enough","cidr_whitelist":[null]}""", "CIDR")]
    [InlineData("""{"name":"NAME","password":["long enough"]}""", "JSON")]
    [InlineData("""{"name":"NAME","password":"long en""", "JSON")]
    [InlineData("null", "JSON")]
    [InlineData("[]", "JSON")]
    [InlineData("", "JSON")]
    public async Task A_malformed_body_is_400_with_its_reason(string body, string reason)
    {
        var name = AuthHost.NewName();
        using var content = new StringContent(body.Replace("NAME", name, StringComparison.Ordinal), Encoding.UTF8, "application/json");

        using var response = await _host.SendAsync(HttpMethod.Put, $"/-/user/org.couchdb.user:{name}", content);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await AuthHost.SentenceOf(response)).ShouldContain(reason);
    }

    [Theory]
    [InlineData(1024, HttpStatusCode.Created)]
    [InlineData(1025, HttpStatusCode.BadRequest)]
    [InlineData(70_000, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Passwords_and_bodies_are_bounded(int length, HttpStatusCode expected)
    {
        using var response = await _host.LogInAsync(AuthHost.NewName(), new string('p', length));

        response.StatusCode.ShouldBe(expected);
    }

    [Theory]
    [InlineData("admin")]
    [InlineData("ad-min")]
    [InlineData("root")]
    public async Task A_reserved_name_cannot_sign_up(string name)
    {
        using var response = await _host.LogInAsync(name);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await AuthHost.SentenceOf(response)).ShouldContain("reserved");
    }

    [Fact]
    public async Task A_look_alike_of_an_account_cannot_sign_up()
    {
        var name = AuthHost.NewName("look");
        await _host.SignUpAsync(name);

        using var response = await _host.LogInAsync(name.Insert(2, "-"));

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await AuthHost.SentenceOf(response)).ShouldContain("taken");
    }

    [Fact]
    public async Task Ten_equal_sign_ups_at_once_make_one_account_and_all_log_in()
    {
        var name = AuthHost.NewName();

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _host.LogInAsync(name, address: "192.0.2.77")));

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.Created);
        (await _host.WithDatabaseAsync(db => db.Accounts.CountAsync(a => a.Name == name))).ShouldBe(1);
    }

    [Fact]
    public async Task The_limits_a_client_asks_for_are_kept()
    {
        var name = AuthHost.NewName();
        var document = new Dictionary<string, object?>
        {
            ["name"] = name,
            ["password"] = AuthHost.Password,
            ["readonly"] = true,
            ["cidr_whitelist"] = new[] { "198.51.100.0/24" },
        };

        var answer = await AuthHost.JsonOf(await _host.SendAsync(HttpMethod.Put, $"/-/user/org.couchdb.user:{name}", document));

        var token = answer.GetProperty("token").GetString()!;
        (await _host.IntrospectAsync(token, address: "198.51.100.9")).Caller.Limits.ShouldBe(new TokenLimits(true, null, null));
        (await _host.IntrospectAsync(token, address: "198.51.101.9")).Caller.Credential.ShouldBe(CredentialState.Rejected);
    }

    [Fact]
    public async Task An_account_reads_as_npm_owner_needs_it()
    {
        var name = AuthHost.NewName();
        var caller = await _host.CallerAsync(name);

        using var response = await _host.SendAsync(HttpMethod.Get, $"/-/user/org.couchdb.user:{name}", caller: caller);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var account = await AuthHost.JsonOf(response);
        account.GetProperty("_id").GetString().ShouldBe($"org.couchdb.user:{name}");
        account.GetProperty("name").GetString().ShouldBe(name);
        account.GetProperty("email").GetString().ShouldBe($"{name}@example.test");
        account.GetProperty("type").GetString().ShouldBe("user");
        account.GetProperty("roles").GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?write=true")]
    public async Task An_account_is_not_shown_to_strangers(string query)
    {
        using var response = await _host.SendAsync(HttpMethod.Get, $"/-/user/org.couchdb.user:anyone{query}");

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("/-/user/org.couchdb.user:nobody-has-this-name")]
    [InlineData("/-/user/something-else")]
    public async Task An_absent_account_is_404(string path)
    {
        var caller = await _host.CallerAsync(AuthHost.NewName());

        using var response = await _host.SendAsync(HttpMethod.Get, path, caller: caller);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Web_login_is_not_offered_so_that_npm_asks_for_the_password()
    {
        using var response = await _host.SendAsync(HttpMethod.Post, "/-/v1/login", new { });

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await AuthHost.SentenceOf(response)).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_request_without_an_assertion_is_refused()
    {
        using var response = await _host.SendBareAsync(HttpMethod.Post, AuthRoutes.Introspect, new IntrospectRequest("x", null, null));

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_log_in_cancelled_half_way_makes_no_account()
    {
        var name = AuthHost.NewName();
        using var stalled = new StalledContent($$"""{"name":"{{name}}","password":"long enough"}""");

        var sending = _host.SendAsync(HttpMethod.Put, $"/-/user/org.couchdb.user:{name}", stalled);
        await stalled.Begun.Task.WaitAsync(TimeSpan.FromSeconds(10));
        stalled.Break();

        await Should.ThrowAsync<HttpRequestException>(sending);
        (await _host.WithDatabaseAsync(db => db.Accounts.CountAsync(a => a.Name == name))).ShouldBe(0);
    }

    /// <summary>Sends all of its text but the last character, then breaks off.</summary>
    private sealed class StalledContent(string text) : HttpContent
    {
        private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Break() => _broken.SetException(new IOException("The client went away."));

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text[..^1]));
            await stream.FlushAsync();
            Begun.SetResult();
            await _broken.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = text.Length;
            return true;
        }
    }
}
