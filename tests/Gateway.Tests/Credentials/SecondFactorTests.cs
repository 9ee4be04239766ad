using System.Text.Json;

using Microsoft.AspNetCore.Http;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.Gateway.Tests.Harness;
using Registry.Testing;

namespace Registry.Gateway.Tests.Credentials;

/// <summary>The second factor is read in one place, checked for each request, and told to services in the assertion (npm protocol 5).</summary>
public sealed class SecondFactorTests
{
    private const string Token = "Authorization: Bearer good";

    [Theory]
    [InlineData("good-code", SecondFactorAnswer.Accepted)]
    [InlineData("bad-code", SecondFactorAnswer.Refused)]
    [InlineData(null, SecondFactorAnswer.None)]
    public async Task What_came_of_a_code_is_in_the_assertion_and_the_code_itself_goes_no_further(string? code, SecondFactorAnswer expected)
    {
        await using var gateway = await StartAsync(SecondFactorNeed.Writes);

        await Wire.SendAsync(gateway.NpmAddress, "PUT", "/x", code is null ? [Token] : [Token, $"npm-otp: {code}"]);

        var request = gateway.Packages.Requests.Single();
        CallerOf(request).SecondFactor.ShouldBe(new SecondFactor(SecondFactorNeed.Writes, expected));
        request.Header("npm-otp").ShouldBeNull();
    }

    [Fact]
    public async Task A_code_is_asked_about_for_each_write_and_for_nothing_else()
    {
        await using var gateway = await StartAsync(SecondFactorNeed.Writes);

        foreach (var (method, target) in new[] { ("GET", "/x"), ("PUT", "/x"), ("PUT", "/x") })
        {
            await Wire.SendAsync(gateway.NpmAddress, method, target, Token, "npm-otp: good-code");
        }

        await Wire.SendAsync(gateway.NpmAddress, "PUT", "/x", Token);

        gateway.CodesAsked.Count.ShouldBe(2);
        gateway.Packages.Requests.Select(request => CallerOf(request).SecondFactor!.Answer)
            .ShouldBe([SecondFactorAnswer.None, SecondFactorAnswer.Accepted, SecondFactorAnswer.Accepted, SecondFactorAnswer.None]);
    }

    [Fact]
    public async Task Nobody_is_asked_about_the_code_of_an_account_that_has_no_second_factor()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        await Wire.SendAsync(gateway.NpmAddress, "PUT", "/x", Token, "npm-otp: good-code");

        gateway.CodesAsked.ShouldBeEmpty();
        CallerOf(gateway.Packages.Requests.Single()).SecondFactor.ShouldBeNull();
    }

    [Fact]
    public async Task One_run_of_a_client_is_one_operation_and_else_one_package_is()
    {
        await using var gateway = await StartAsync(SecondFactorNeed.Writes);
        foreach (var (method, target, session) in new[]
        {
            ("PUT", "/@acme%2fx/-rev/1", "npm-session: 1"),
            ("DELETE", "/other/-rev/1", "npm-session: 1"),
            ("DELETE", "/other/-rev/1", "npm-session: 2"),
            ("PUT", "/@acme%2fx/-rev/1", "x: y"),
            ("DELETE", "/@acme/x/-/x-1.0.0.tgz/-rev/2", "x: y"),
            ("PUT", "/other", "x: y"),
        })
        {
            await Wire.SendAsync(gateway.NpmAddress, method, target, Token, "npm-otp: good-code", session);
        }

        var operations = gateway.CodesAsked.Select(asked => asked.Operation).ToList();

        operations.Count.ShouldBe(6);
        operations[1].ShouldBe(operations[0]);
        operations[4].ShouldBe(operations[3]);
        operations.Distinct().Count().ShouldBe(4);
    }

    [Fact]
    public async Task Logging_in_keeps_its_code_for_AuthService()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        await Wire.SendAsync(gateway.NpmAddress, "PUT", "/-/user/org.couchdb.user:alice", "npm-otp: 123456");

        gateway.Auth.Requests.Single().Header("npm-otp").ShouldBe("123456");
    }

    [Theory]
    [InlineData(Token)]
    [InlineData("Authorization: Basic bm90OmdpdmVu")]
    [InlineData("Authorization: Bearer of no form at all")]
    public async Task Logging_in_looks_at_no_credential_that_came_along(string credential)
    {
        await using var gateway = await StartAsync(SecondFactorNeed.Everything);

        await Wire.SendAsync(gateway.NpmAddress, "PUT", "/-/user/org.couchdb.user:alice", credential, "npm-otp: good-code");

        gateway.CodesAsked.ShouldBeEmpty();
        var request = gateway.Auth.Requests.Single(); // and nobody was asked about the credential
        var caller = TestKeys.Codec.Verify(request.Header(InternalHeaders.Assertion)!, ServiceNames.Auth)!.Caller;
        (request.Header("npm-otp"), caller?.Credential ?? CredentialState.None).ShouldBe(("good-code", CredentialState.None));
    }

    [Theory]
    [InlineData("GET", null, CredentialState.Rejected)]
    [InlineData("GET", "good-code", CredentialState.Accepted)]
    [InlineData("PUT", "bad-code", CredentialState.Rejected)]
    public async Task A_password_alone_reads_what_anyone_may_read(string method, string? code, CredentialState expected)
    {
        await using var gateway = await StartAsync(SecondFactorNeed.Everything);

        await Wire.SendAsync(gateway.NpmAddress, method, "/x", code is null ? [Token] : [Token, $"npm-otp: {code}"]);

        var caller = CallerOf(gateway.Packages.Requests.Single());
        caller.Credential.ShouldBe(expected);
        caller.SecondFactor!.Need.ShouldBe(SecondFactorNeed.Everything);
    }

    [Fact]
    public async Task Too_many_wrong_codes_are_429_and_a_long_one_is_not_even_asked_about()
    {
        await using var gateway = await StartAsync(SecondFactorNeed.Writes);
        gateway.CheckCode = _ => new SecondFactorResponse(false, 77);

        var throttled = await Wire.SendAsync(gateway.NpmAddress, "PUT", "/x", Token, "npm-otp: 123456");
        var tooLong = await Wire.SendAsync(gateway.NpmAddress, "PUT", "/x", Token, "npm-otp: " + new string('1', 257));

        throttled.Status.ShouldBe(429);
        throttled.Head.ShouldContain("Retry-After: 77");
        tooLong.Status.ShouldBe(200);
        gateway.CodesAsked.Count.ShouldBe(1);
        CallerOf(gateway.Packages.Requests.Single()).SecondFactor!.Answer.ShouldBe(SecondFactorAnswer.Refused);
    }

    [Theory]
    [InlineData("npm-auth-type: web", true)]
    [InlineData("npm-auth-type: legacy", false)]
    [InlineData("x: y", false)]
    public async Task A_client_that_can_is_told_where_to_give_it_in_a_browser(string header, bool isTold)
    {
        await using var gateway = await StartAsync(SecondFactorNeed.Writes);
        gateway.Packages.Answer = context =>
        {
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = "OTP";
            context.Response.ContentType = "application/problem+json";
            return context.Response.WriteAsync("""{"error":"one-time password, please"}""");
        };

        var answer = await Wire.SendAsync(gateway.NpmAddress, "PUT", "/x", Token, header);

        answer.Status.ShouldBe(401);
        answer.Head.ShouldContain("WWW-Authenticate: OTP");
        var body = JsonDocument.Parse(answer.Body).RootElement;
        body.GetProperty("error").GetString().ShouldBe("one-time password, please");
        body.TryGetProperty("authUrl", out var page).ShouldBe(isTold);
        if (isTold)
        {
            page.GetString().ShouldBe(new Uri(gateway.NpmAddress, "/-/v1/login/page").ToString());
            body.GetProperty("doneUrl").GetString().ShouldBe(new Uri(gateway.NpmAddress, "/-/v1/login/done/secret").ToString());
        }
    }

    private static Caller CallerOf(Received request) =>
        TestKeys.Codec.Verify(request.Header(InternalHeaders.Assertion)!, ServiceNames.Packages)!.Caller!;

    private static async Task<GatewayUnderTest> StartAsync(SecondFactorNeed need)
    {
        var gateway = await GatewayUnderTest.StartAsync();
        gateway.Introspect = _ => new IntrospectResponse(TestKeys.User("alice") with { SecondFactor = new SecondFactor(need) });
        return gateway;
    }
}
