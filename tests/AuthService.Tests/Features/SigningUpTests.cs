using System.Net;
using System.Net.Http.Json;

using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Accounts;
using Registry.AuthService.Tests.Hosting;
using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.ServiceDefaults;

namespace Registry.AuthService.Tests.Features;

public sealed class SigningUpTests(ExposedRegistry registry) : IClassFixture<ExposedRegistry>
{
    private readonly AuthHost _host = registry.Host;

    [Fact]
    public async Task An_exposed_registry_takes_accounts_by_invitation_unless_told_otherwise()
    {
        using var response = await _host.LogInAsync(AuthHost.NewName());

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await AuthHost.SentenceOf(response)).ShouldContain("invitation");
        using var setup = await _host.SendInternalAsync(HttpMethod.Get, AuthRoutes.Setup);
        (await setup.Content.ReadFromJsonAsync<SetupResponse>(RegistryJson.Options)).ShouldBe(new SetupResponse(false, "invite"));
    }

    [Fact]
    public async Task A_closed_registry_says_whom_to_ask()
    {
        await using var closed = await AuthHost.StartAsync(("Accounts:SignUp", "closed"));
        var invitation = await InviteAsync(closed);

        using var npm = await closed.LogInAsync(AuthHost.NewName());
        using var native = await SignUpAsync(AuthHost.NewName(), new { invitation = invitation.Code }, closed);

        npm.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await AuthHost.SentenceOf(npm)).ShouldContain("administrator");
        native.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task An_invitation_signs_up_one_account()
    {
        var name = AuthHost.NewName();
        var invitation = await InviteAsync(_host);

        using var first = await SignUpAsync(name, new { invitation = invitation.Code });
        using var second = await SignUpAsync(AuthHost.NewName(), new { invitation = invitation.Code });

        first.StatusCode.ShouldBe(HttpStatusCode.Created);
        var answer = await AuthHost.JsonOf(first);
        answer.GetProperty("name").GetString().ShouldBe(name);
        var caller = (await _host.IntrospectAsync(answer.GetProperty("token").GetString()!)).Caller;
        caller.UserName.ShouldBe(name);
        caller.IsAdministrator.ShouldBeFalse();
        second.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await _host.LogInAsync(name)).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task One_invitation_used_by_ten_at_once_signs_up_one()
    {
        var invitation = await InviteAsync(_host);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(
            _ => SignUpAsync(AuthHost.NewName("race"), new { invitation = invitation.Code })));

        answers.Count(a => a.StatusCode == HttpStatusCode.Created).ShouldBe(1);
        answers.Count(a => a.StatusCode == HttpStatusCode.Forbidden).ShouldBe(9);
        (await _host.WithDatabaseAsync(db => db.Accounts.CountAsync(a => a.Name.StartsWith("race")))).ShouldBe(1);
    }

    [Fact]
    public async Task A_refused_name_does_not_use_up_the_invitation()
    {
        var taken = AuthHost.NewName();
        (await _host.SendInternalAsync(HttpMethod.Post, AuthRoutes.Accounts, new CreateAccountRequest(taken, null, null, false))).EnsureSuccessStatusCode();
        var invitation = await InviteAsync(_host);

        using var refused = await SignUpAsync(taken, new { invitation = invitation.Code });
        using var accepted = await SignUpAsync(AuthHost.NewName(), new { invitation = invitation.Code });

        refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        accepted.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_lapsed_invitation_is_refused()
    {
        var invitation = await InviteAsync(_host);
        await _host.WithDatabaseAsync(db => db.Database.ExecuteSqlAsync($"UPDATE invitations SET expires_at = now() - interval '1 second' WHERE code_hash = {TokenSecret.Hash(invitation.Code)}"));

        using var response = await SignUpAsync(AuthHost.NewName(), new { invitation = invitation.Code });

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await AuthHost.SentenceOf(response)).ShouldContain("invitation");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    public async Task An_invitation_lasts_1_to_30_days(int days)
    {
        using var response = await _host.SendInternalAsync(HttpMethod.Post, AuthRoutes.Invitations, new CreateInvitationRequest(days));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("isAdministrator")]
    [InlineData("is_administrator")]
    [InlineData("roles")]
    public async Task Nothing_else_in_a_sign_up_makes_an_administrator(string member)
    {
        var invitation = await InviteAsync(_host);
        var body = new Dictionary<string, object?> { ["invitation"] = invitation.Code, [member] = member == "roles" ? new[] { "admin" } : true };

        using var response = await SignUpAsync(AuthHost.NewName(), body);

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        var token = (await AuthHost.JsonOf(response)).GetProperty("token").GetString()!;
        (await _host.IntrospectAsync(token)).Caller.IsAdministrator.ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"name":"Not Legal","password":"long enough"}""")]
    [InlineData("""{"name":"legal","password":"short"}""")]
    [InlineData("""{"name":"legal","password":"long enough","email":"@"}""")]
    [InlineData("""{"name":"legal"}""")]
    [InlineData("""{"name":""")]
    [InlineData("7")]
    public async Task A_malformed_sign_up_is_400(string body)
    {
        using var content = new StringContent(body);

        using var response = await _host.SendAsync(HttpMethod.Post, "/api/v1/accounts", content, dialect: Dialects.Native);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Sign_ups_from_one_address_are_bounded()
    {
        await using var registry = await AuthHost.StartAsync(("Throttle:SignUpsPerAddress", "3"));
        var address = AuthHost.NewAddress();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => registry.LogInAsync(AuthHost.NewName(), address: address)));
        using var elsewhere = await registry.LogInAsync(AuthHost.NewName());

        answers.Count(a => a.StatusCode == HttpStatusCode.Created).ShouldBe(3);
        answers.Count(a => a.StatusCode == HttpStatusCode.TooManyRequests).ShouldBe(5);
        elsewhere.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    private static async Task<InvitationResponse> InviteAsync(AuthHost host)
    {
        using var response = await host.SendInternalAsync(HttpMethod.Post, AuthRoutes.Invitations, new CreateInvitationRequest(7));
        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        return (await response.Content.ReadFromJsonAsync<InvitationResponse>(RegistryJson.Options))!;
    }

    private Task<HttpResponseMessage> SignUpAsync(string name, object more, AuthHost? host = null) => (host ?? _host).SignUpNativelyAsync(name, more);
}

/// <summary>One exposed registry for the tests of a class, each with its own names and addresses.</summary>
public sealed class ExposedRegistry : IAsyncLifetime
{
    public AuthHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await AuthHost.StartAsync(("Accounts:Exposed", "true"));

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
