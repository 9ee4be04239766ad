using System.Net;
using System.Text;

using Registry.AuthService.Accounts;
using Registry.AuthService.Tests.Hosting;
using Registry.Contracts.Http;

namespace Registry.AuthService.Tests.Features;

public sealed class TokenTests(OpenRegistry registry) : IClassFixture<OpenRegistry>
{
    private const string Route = "/-/npm/v1/tokens";
    private readonly AuthHost _host = registry.Host;

    [Fact]
    public async Task A_token_is_made_listed_and_revoked_as_npm_10_does()
    {
        var caller = await _host.CallerAsync(AuthHost.NewName());

        var made = await AuthHost.JsonOf(await CreateAsync(caller, new { password = AuthHost.Password, @readonly = false, cidr_whitelist = Array.Empty<string>() }));
        var secret = made.GetProperty("token").GetString()!;
        var key = made.GetProperty("key").GetString()!;
        var listed = (await AuthHost.JsonOf(await _host.SendAsync(HttpMethod.Get, Route, caller: caller))).GetProperty("objects")[0];
        var introspected = (await _host.IntrospectAsync(secret)).Caller;
        using var revoked = await _host.SendAsync(HttpMethod.Delete, $"{Route}/token/{key}", caller: caller);

        key.ShouldMatch("^[0-9a-f]{128}$");
        listed.GetProperty("key").GetString().ShouldBe(key);
        listed.GetProperty("token").GetString().ShouldBe(secret[..8]);
        listed.GetProperty("cidr_whitelist").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
        listed.GetProperty("readonly").GetBoolean().ShouldBeFalse();
        listed.GetProperty("created").GetString()!.ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$");
        (introspected.UserId, introspected.Limits).ShouldBe((caller.UserId, null));
        revoked.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await AuthHost.JsonOf(revoked)).GetProperty("ok").GetBoolean().ShouldBeTrue();
        (await _host.IntrospectAsync(secret)).Caller.Credential.ShouldBe(CredentialState.Rejected);
        (await _host.CountEventsAsync(introspected.CredentialId!)).ShouldBe(1);
    }

    [Fact]
    public async Task A_token_has_the_limits_that_npm_11_asks_for()
    {
        var caller = await _host.CallerAsync(AuthHost.NewName());

        var made = await AuthHost.JsonOf(await CreateAsync(caller, new Dictionary<string, object?>
        {
            ["name"] = "ci",
            ["password"] = AuthHost.Password,
            ["description"] = "publishes",
            ["expires"] = 7,
            ["packages"] = new[] { "@acme/a" },
            ["scopes"] = new[] { "@acme" },
            ["packages_and_scopes_permission"] = "read-only",
            ["cidr_whitelist"] = new[] { "198.51.100.0/24" },
            ["bypass_2fa"] = true,
        }));

        var answer = await _host.IntrospectAsync(made.GetProperty("token").GetString()!, address: "198.51.100.7");
        var limits = answer.Caller.Limits!;
        limits.ReadOnly.ShouldBeTrue();
        limits.Packages.ShouldBe(["@acme/a"]);
        limits.Scopes.ShouldBe(["acme"]);
        limits.Organisations.ShouldBe([]);
        (answer.ExpiresAt!.Value - TimeProvider.System.GetUtcNow()).TotalDays.ShouldBe(7, tolerance: 0.1);
        made.GetProperty("name").GetString().ShouldBe("ci");
        made.GetProperty("description").GetString().ShouldBe("publishes");
        made.GetProperty("automation").GetBoolean().ShouldBeTrue();
        made.GetProperty("expires").GetString().ShouldNotBeNull();
        (await _host.IntrospectAsync(made.GetProperty("token").GetString()!, address: "198.51.101.7")).Caller.Credential.ShouldBe(CredentialState.Rejected);
    }

    [Fact]
    public async Task A_token_without_access_covers_no_package_and_one_for_all_packages_any()
    {
        var caller = await _host.CallerAsync(AuthHost.NewName());

        var none = await LimitsAsync(caller, new { password = AuthHost.Password, packages_and_scopes_permission = "no-access", orgs = new[] { "acme" }, orgs_permission = "read-write" });
        var all = await LimitsAsync(caller, new { password = AuthHost.Password, packages_and_scopes_permission = "read-write", packages_all = true, packages = new[] { "x" } });

        none!.Packages.ShouldBe([]);
        none.Scopes.ShouldBe([]);
        none.Organisations.ShouldBe(["acme"]);
        all!.Packages.ShouldBeNull();
        all.Organisations.ShouldBe([]);
    }

    [Theory]
    [InlineData("""{}""", "password")]
    [InlineData("""{"password":"PASSWORD","expires":0}""", "3650")]
    [InlineData("""{"password":"PASSWORD","expires":"soon"}""", "JSON")]
    [InlineData("""{"password":"PASSWORD","packages":[""]}""", "1 to 100 packages")]
    [InlineData("""{"password":"PASSWORD","packages":"x"}""", "JSON")]
    [InlineData("""{"password":"PASSWORD","scopes":[null]}""", "1 to 100 packages")]
    [InlineData("""{"password":"PASSWORD","cidr_whitelist":["x"]}""", "CIDR")]
    [InlineData("""{"password":"PASSWORD","packages_and_scopes_permission":"read-write-stage-only"}""", "staging")]
    [InlineData("""{"password":"PASSWORD","packages_and_scopes_permission":"all"}""", "permission")]
    [InlineData("""{"password":"PASSWORD","orgs_permission":"all"}""", "permission")]
    [InlineData("""{"password":"PASSWORD","name":"a\u0007b"}""", "control")]
    [InlineData("null", "JSON")]
    [InlineData("[", "JSON")]
    public async Task A_malformed_request_is_400_with_its_reason(string body, string reason)
    {
        var caller = await _host.CallerAsync(AuthHost.NewName());
        using var content = new StringContent(body.Replace("PASSWORD", AuthHost.Password, StringComparison.Ordinal), Encoding.UTF8, "application/json");

        using var response = await CreateAsync(caller, content);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await AuthHost.SentenceOf(response)).ShouldContain(reason);
    }

    [Fact]
    public async Task A_wrong_password_makes_no_token()
    {
        var caller = await _host.CallerAsync(AuthHost.NewName());

        using var response = await CreateAsync(caller, new { password = "not the password" });

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        response.Headers.WwwAuthenticate.ShouldBeEmpty(); // with it npm replaces our sentence
        (await AuthHost.JsonOf(response)).GetProperty("code").GetString().ShouldBe("wrong_password");
    }

    [Fact]
    public async Task A_limited_token_makes_no_other()
    {
        var caller = await _host.CallerAsync(AuthHost.NewName());
        var expiring = (await AuthHost.JsonOf(await CreateAsync(caller, new { password = AuthHost.Password, expires = 1 }))).GetProperty("token").GetString()!;
        var expiringCaller = (await _host.IntrospectAsync(expiring)).Caller;

        foreach (var (limited, code) in new[]
        {
            (caller with { Limits = new TokenLimits(true, null, null) }, "token_read_only"),
            (caller with { Limits = new TokenLimits(false, ["x"], null) }, "token_limited"),
            (caller with { Limits = new TokenLimits(false, null, ["x"]) }, "token_limited"),
            (expiringCaller, "token_limited"),
        })
        {
            using var response = await CreateAsync(limited, new { password = AuthHost.Password });

            response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            (await AuthHost.JsonOf(response)).GetProperty("code").GetString().ShouldBe(code);
        }
    }

    [Theory]
    [InlineData("GET", Route)]
    [InlineData("POST", Route)]
    [InlineData("DELETE", Route + "/token/abc")]
    [InlineData("GET", "/-/npm/v1/user")]
    [InlineData("POST", "/-/npm/v1/user")]
    public async Task Strangers_are_asked_to_log_in(string method, string path)
    {
        using var response = await _host.SendAsync(new HttpMethod(method), path, method == "POST" ? new { } : null);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Tokens_are_listed_in_pages_newest_first()
    {
        var caller = await _host.CallerAsync(AuthHost.NewName()); // one token of the log-in
        foreach (var name in new[] { "one", "two" })
        {
            await CreateAsync(caller, new { password = AuthHost.Password, name });
        }

        var first = await AuthHost.JsonOf(await _host.SendAsync(HttpMethod.Get, $"{Route}?perPage=2&page=0", caller: caller));
        var next = first.GetProperty("urls").GetProperty("next").GetString()!;
        var last = await AuthHost.JsonOf(await _host.SendAsync(HttpMethod.Get, next, caller: caller));

        first.GetProperty("total").GetInt32().ShouldBe(3);
        first.GetProperty("objects").EnumerateArray().Select(t => t.GetProperty("name").GetString()).ShouldBe(["two", "one"]);
        last.GetProperty("objects").GetArrayLength().ShouldBe(1);
        last.GetProperty("urls").TryGetProperty("next", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("perPage=0")]
    [InlineData("perPage=101")]
    [InlineData("perPage=x")]
    [InlineData("page=-1")]
    public async Task A_page_that_cannot_be_is_400(string query)
    {
        var caller = await _host.CallerAsync(AuthHost.NewName());

        using var response = await _host.SendAsync(HttpMethod.Get, $"{Route}?{query}", caller: caller);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_token_is_revoked_by_itself_too_but_only_by_its_owner()
    {
        var owner = await _host.CallerAsync(AuthHost.NewName());
        var stranger = await _host.CallerAsync(AuthHost.NewName());
        var secret = (await AuthHost.JsonOf(await CreateAsync(owner, new { password = AuthHost.Password }))).GetProperty("token").GetString()!;

        using var refused = await _host.SendAsync(HttpMethod.Delete, $"{Route}/token/{secret}", caller: stranger);
        using var revoked = await _host.SendAsync(HttpMethod.Delete, $"{Route}/token/{secret}", caller: owner);
        using var again = await _host.SendAsync(HttpMethod.Delete, $"{Route}/token/{secret}", caller: owner);

        refused.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        revoked.StatusCode.ShouldBe(HttpStatusCode.OK);
        again.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_account_has_a_bounded_number_of_tokens()
    {
        await using var host = await AuthHost.StartAsync(("Accounts:MaxTokensPerAccount", "2"));
        var caller = await host.CallerAsync("alice");
        await host.SendAsync(HttpMethod.Post, Route, new { password = AuthHost.Password }, caller);

        using var response = await host.SendAsync(HttpMethod.Post, Route, new { password = AuthHost.Password }, caller);

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await AuthHost.JsonOf(response)).GetProperty("code").GetString().ShouldBe("too_many_tokens");
    }

    [Fact]
    public void The_terms_of_a_token_become_its_grant()
    {
        var now = TimeProvider.System.GetUtcNow();

        var grant = new TokenTerms("x") { Scopes = ["@acme"], Cidrs = ["192.0.2.1"], ExpiresInDays = 2 }.Grant(now);

        grant.Scopes.ShouldBe(["acme"]);
        grant.Cidrs.ShouldBe(["192.0.2.1/32"]);
        grant.ExpiresAt.ShouldBe(now.AddDays(2));
    }

    private Task<HttpResponseMessage> CreateAsync(Caller caller, object body) => _host.SendAsync(HttpMethod.Post, Route, body, caller);

    private async Task<TokenLimits?> LimitsAsync(Caller caller, object body)
    {
        var made = await AuthHost.JsonOf(await CreateAsync(caller, body));
        return (await _host.IntrospectAsync(made.GetProperty("token").GetString()!)).Caller.Limits;
    }
}
