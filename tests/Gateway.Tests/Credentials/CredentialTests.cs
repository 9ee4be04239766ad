using System.Text;
using System.Text.Json;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.Gateway.Credentials;
using Registry.Gateway.Tests.Harness;
using Registry.Testing;

namespace Registry.Gateway.Tests.Credentials;

/// <summary>Credentials in every form become one caller, in one place.</summary>
public sealed class CredentialTests
{
    [Theory]
    [InlineData("Authorization: Bearer good-1", "good-1", null)]
    [InlineData("authorization: bEaReR   good-2", "good-2", null)]
    [InlineData("Authorization: token good-3", "good-3", null)]
    [InlineData("Authorization: good-4", "good-4", null)]
    [InlineData("X-API-Key: good-5", "good-5", null)]
    [InlineData("X-API-Key: Bearer good-6", "good-6", null)]
    [InlineData("Authorization: Basic YWxpY2U6Z29vZC03", "good-7", "alice")] // alice:good-7
    [InlineData("Authorization: BASIC YWxpY2U6Z29vZDo4", "good:8", "alice")] // alice:good:8
    [InlineData("Authorization: Basic Z29vZC05Og==", "good-9", null)] // good-9:
    [InlineData("Authorization: Basic Om5hbWVsZXNz", "nameless", null)] // :nameless
    [InlineData("Authorization: Basic Z29vZC0xMA", "good-10", null)] // good-10, no colon, no padding
    [InlineData("Authorization: Basic YWxpY2U6cMOkc3M=", "p\u00e4ss", "alice")]
    public async Task A_credential_is_read_in_every_form(string header, string secret, string? userName)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        IntrospectRequest? asked = null;
        gateway.Introspect = request =>
        {
            asked = request;
            return new IntrospectResponse(TestKeys.User("alice"));
        };

        var answer = await Wire.SendAsync(gateway.NpmAddress, "GET", "/x", header);

        answer.Status.ShouldBe(200);
        asked.ShouldBe(new IntrospectRequest(secret, userName, "127.0.0.1"));
        CallerOf(gateway.Packages.Requests.Single()).UserName.ShouldBe("alice");
    }

    [Fact]
    public async Task Authorization_comes_before_the_other_headers_and_those_in_their_order()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(("Gateway:CredentialHeaders:0", "X-First"), ("Gateway:CredentialHeaders:1", "X-Second"));
        var asked = new List<string>();
        gateway.Introspect = request =>
        {
            asked.Add(request.Secret);
            return new IntrospectResponse(Caller.Rejected);
        };

        await Wire.SendAsync(gateway.NpmAddress, "GET", "/x", "X-Second: c", "X-First: b", "Authorization: Bearer a");
        await Wire.SendAsync(gateway.NpmAddress, "GET", "/x", "X-Second: c", "X-First: b");
        await Wire.SendAsync(gateway.NpmAddress, "GET", "/x", "X-API-Key: not-configured");

        asked.ShouldBe(["a", "b"]);
        CallerOf(gateway.Packages.Requests[2]).Credential.ShouldBe(CredentialState.None);
    }

    [Theory]
    [InlineData("Authorization: Digest username=x")]
    [InlineData("Authorization: Basic %%%")]
    [InlineData("Authorization: Basic Og==")]
    [InlineData("Authorization: Basic /w==")]
    [InlineData("Authorization: Bearer")]
    [InlineData("Authorization: Bearer two words")]
    public async Task Something_no_credential_looks_like_counts_as_one_that_is_not_valid(string header)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        (await Wire.SendAsync(gateway.NpmAddress, "GET", "/x", header)).Status.ShouldBe(200);

        CallerOf(gateway.Packages.Requests.Single()).Credential.ShouldBe(CredentialState.Rejected);
        gateway.Auth.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(8192, 200)]
    [InlineData(8193, 400)]
    public async Task A_credential_is_bounded_in_length(int length, int status)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        (await Wire.SendAsync(gateway.NpmAddress, "GET", "/x", "Authorization: " + new string('a', length))).Status.ShouldBe(status);
    }

    [Fact]
    public async Task Two_credentials_in_one_header_are_refused()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        (await Wire.SendAsync(gateway.NpmAddress, "GET", "/x", "X-API-Key: a", "X-API-Key: b")).Status.ShouldBe(400);
    }

    [Fact]
    public async Task The_assertion_says_who_asks_through_which_mount_and_from_where()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var caller = TestKeys.User("alice") with { TeamIds = ["t1"], Limits = new TokenLimits(true, ["x"], null) };
        gateway.Introspect = _ => new IntrospectResponse(caller);

        await Wire.SendAsync(gateway.NpmAddress, "GET", "/x", "Authorization: Bearer good");
        await Wire.SendAsync(gateway.WebAddress, "GET", "/packages/x", "Authorization: Bearer good");

        var assertion = TestKeys.Codec.Verify(gateway.Packages.Requests.Single().Header(InternalHeaders.Assertion)!, ServiceNames.Packages)!;
        (assertion.Kind, assertion.Issuer, assertion.ClientAddress).ShouldBe((AssertionKind.User, ServiceNames.Gateway, "127.0.0.1"));
        assertion.Audience.ShouldBe([ServiceNames.Packages]);
        (assertion.ExpiresAt - assertion.IssuedAt).ShouldBeLessThanOrEqualTo(60);
        JsonSerializer.Serialize(assertion.Caller).ShouldBe(JsonSerializer.Serialize(caller));
        assertion.Mount.ShouldBe(new MountContext("npm", Dialects.Npm, "main", $"http://127.0.0.1:{gateway.NpmAddress.Port}", true));
        var page = gateway.Web.Requests.Single().Header(InternalHeaders.Assertion)!;
        TestKeys.Codec.Verify(page, ServiceNames.Web)!.Audience.ShouldBe([ServiceNames.Web, ServiceNames.Packages, ServiceNames.Search]);
    }

    [Fact]
    public async Task An_account_whose_teams_changed_is_asked_about_anew_whatever_its_credential_and_no_other_is()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var asked = new List<string>();
        gateway.Introspect = request =>
        {
            asked.Add(request.Secret);
            return new IntrospectResponse(TestKeys.User(request.Secret[..3]) with { CredentialId = $"token:{request.Secret}" });
        };
        foreach (var secret in new[] { "ann-1", "ann-2", "bob-1" })
        {
            await Wire.SendAsync(gateway.NpmAddress, "GET", "/x", $"Authorization: Bearer {secret}");
        }

        gateway.Services.GetRequiredService<Introspections>().Evict("account:id-of-ann");
        foreach (var secret in new[] { "ann-1", "ann-2", "bob-1" })
        {
            await Wire.SendAsync(gateway.NpmAddress, "GET", "/x", $"Authorization: Bearer {secret}");
        }

        asked.ShouldBe(["ann-1", "ann-2", "bob-1", "ann-1", "ann-2"]);
    }

    [Theory]
    [InlineData("POST", "/-/npm/v1/user", 200, true)]
    [InlineData("DELETE", "/-/npm/v1/tokens/token/abc", 200, true)]
    [InlineData("POST", "/-/npm/v1/user", 401, false)]
    [InlineData("GET", "/-/npm/v1/user", 200, false)]
    [InlineData("PUT", "/x", 201, false)]
    public async Task Whoever_changes_their_account_is_asked_about_anew_before_the_event_comes(string method, string target, int status, bool isAskedAnew)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var asked = 0;
        gateway.Introspect = request =>
        {
            asked++;
            return new IntrospectResponse(TestKeys.User("alice") with { CredentialId = $"token:{request.Secret}" });
        };
        var introspect = gateway.Auth.Answer;
        gateway.Auth.Answer = context => context.Request.Path == AuthRoutes.Introspect ? introspect(context) : AnswerAsync(context);
        gateway.Packages.Answer = AnswerAsync;

        await Wire.SendAsync(gateway.NpmAddress, "GET", "/y", "Authorization: Bearer good");
        await Wire.SendAsync(gateway.NpmAddress, method, target, "Authorization: Bearer good", "Content-Length: 0");
        await Wire.SendAsync(gateway.NpmAddress, "PUT", "/x", "Authorization: Bearer good", "Content-Length: 0");

        asked.ShouldBe(isAskedAnew ? 2 : 1);

        Task AnswerAsync(HttpContext context)
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task What_a_client_could_pass_off_as_ours_is_dropped()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var forged = TestKeys.Codec.SignUser([ServiceNames.Packages], TestKeys.User("root", isAdministrator: true), TestKeys.Mount(Dialects.Npm), null);

        await Wire.SendAsync(
            gateway.NpmAddress, "GET", "/x",
            $"x-registry-assertion: {forged}", "X-Registry-Blob: sha256:x", "X-REGISTRY-Other: 1", "Authorization: Bearer good", "Cookie: a=b", "X-API-Key: k",
            "Proxy-Authorization: Basic x", "npm-session: kept");

        var request = gateway.Packages.Requests.Single();
        CallerOf(request).UserName.ShouldBe("alice");
        request.Headers.Keys.Where(name => name.StartsWith("X-Registry-", StringComparison.OrdinalIgnoreCase)).ShouldBe([InternalHeaders.Assertion]);
        foreach (var name in new[] { "Authorization", "Cookie", "X-API-Key", "Proxy-Authorization" })
        {
            request.Header(name).ShouldBeNull();
        }

        request.Header("npm-session").ShouldBe("kept");
    }

    [Fact]
    public async Task Without_a_credential_nobody_is_asked()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        await Wire.SendAsync(gateway.NpmAddress, "GET", "/x");

        gateway.Auth.Requests.ShouldBeEmpty();
        CallerOf(gateway.Packages.Requests.Single()).Credential.ShouldBe(CredentialState.None);
    }

    [Fact]
    public async Task A_credential_is_asked_about_once_by_many_requests_and_apart_from_others()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Wire.SendAsync(gateway.NpmAddress, "GET", "/x", "Authorization: Bearer good")));
        await Wire.SendAsync(gateway.NpmAddress, "GET", "/x", $"Authorization: Basic {Base64("alice:good")}");

        gateway.Auth.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Too_many_attempts_are_told_when_to_come_back()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Introspect = _ => new IntrospectResponse(Caller.Rejected, RetryAfterSeconds: 17);

        var answer = await Wire.SendAsync(gateway.NpmAddress, "DELETE", "/x", $"Authorization: Basic {Base64("alice:wrong")}");

        answer.Status.ShouldBe(429);
        answer.Head.ShouldContain("Retry-After: 17");
        answer.Body.ShouldContain("\"error\"");
        gateway.Packages.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("GET", "/x")]
    [InlineData("PUT", "/-/user/org.couchdb.user:alice")]
    public async Task Too_many_attempts_break_neither_public_reads_nor_the_log_in_that_mends_them(string method, string target)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Introspect = _ => new IntrospectResponse(Caller.Rejected, RetryAfterSeconds: 17);

        var answer = await Wire.SendAsync(gateway.NpmAddress, method, target, $"Authorization: Basic {Base64("alice:wrong")}");

        answer.Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_credential_that_cannot_be_checked_is_503_and_never_anonymous()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Auth.Answer = context =>
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return Task.CompletedTask;
        };

        var answer = await Wire.SendAsync(gateway.NpmAddress, "GET", "/x", "Authorization: Bearer good");
        var anonymous = await Wire.SendAsync(gateway.NpmAddress, "GET", "/x");

        answer.Status.ShouldBe(503);
        answer.Head.ShouldContain("Retry-After:");
        answer.Body.ShouldContain("\"code\":\"auth_unavailable\"");
        anonymous.Status.ShouldBe(200);
        gateway.Packages.Requests.Count.ShouldBe(1);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static Caller CallerOf(Received request) =>
        TestKeys.Codec.Verify(request.Header(InternalHeaders.Assertion)!, ServiceNames.Packages)!.Caller!;
}
