using System.Net;

using Registry.AuthService.Tests.Hosting;
using Registry.Contracts.Http;

namespace Registry.AuthService.Tests.Features;

public sealed class LoggingOutTests(OpenRegistry registry) : IClassFixture<OpenRegistry>
{
    private readonly AuthHost _host = registry.Host;

    [Fact]
    public async Task Logging_out_ends_the_token_at_once_and_tells_of_it()
    {
        var token = await _host.SignUpAsync(AuthHost.NewName());
        var caller = (await _host.IntrospectAsync(token)).Caller;

        using var response = await _host.SendAsync(HttpMethod.Delete, $"/-/user/token/{token}", caller: caller);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await AuthHost.JsonOf(response)).GetProperty("ok").GetBoolean().ShouldBeTrue();
        (await _host.IntrospectAsync(token)).Caller.Credential.ShouldBe(CredentialState.Rejected);
        (await _host.CountEventsAsync(caller.CredentialId!)).ShouldBe(1);
    }

    [Fact]
    public async Task A_token_that_has_ended_is_404()
    {
        var token = await _host.SignUpAsync(AuthHost.NewName());
        var caller = (await _host.IntrospectAsync(token)).Caller;
        (await _host.SendAsync(HttpMethod.Delete, $"/-/user/token/{token}", caller: caller)).EnsureSuccessStatusCode();

        using var response = await _host.SendAsync(HttpMethod.Delete, $"/-/user/token/{token}", caller: caller);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Somebody_elses_token_is_404_and_stays_valid()
    {
        var token = await _host.SignUpAsync(AuthHost.NewName());
        var stranger = await _host.CallerAsync(AuthHost.NewName());

        using var response = await _host.SendAsync(HttpMethod.Delete, $"/-/user/token/{token}", caller: stranger);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _host.IntrospectAsync(token)).Caller.Credential.ShouldBe(CredentialState.Accepted);
    }

    [Fact]
    public async Task Nobody_logs_out_without_being_logged_in()
    {
        var token = await _host.SignUpAsync(AuthHost.NewName());

        using var response = await _host.SendAsync(HttpMethod.Delete, $"/-/user/token/{token}");

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await _host.IntrospectAsync(token)).Caller.Credential.ShouldBe(CredentialState.Accepted);
    }
}
