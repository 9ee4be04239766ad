using MassTransit;

using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Events;
using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.Gateway.Tests.Harness;
using Registry.Testing;

namespace Registry.Gateway.Tests;

/// <summary>Events over a real broker.</summary>
public sealed class BrokerTests
{
    [Fact]
    public async Task A_revoked_credential_is_forgotten_at_once()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(("ConnectionStrings:rabbitmq", BackingServers.RabbitMq));
        var credentialId = $"token:{Guid.CreateVersion7()}";
        gateway.Introspect = _ => new IntrospectResponse(TestKeys.User("alice") with { CredentialId = credentialId });
        var bus = gateway.Services.GetRequiredService<IBus>();
        await Eventually.ShouldHoldAsync(async () => (await Wire.SendAsync(gateway.WebAddress, "GET", "/health")).Body.Contains("\"broker\":{\"status\":\"ok\"", StringComparison.Ordinal), "the broker is connected");
        await Wire.SendAsync(gateway.NpmAddress, "GET", "/x", "Authorization: Bearer good");

        // Long before the ten seconds an entry lives.
        gateway.Introspect = _ => new IntrospectResponse(Caller.Rejected);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        await bus.Publish(new AccessTokenRevoked(Guid.CreateVersion7(), DateTimeOffset.UnixEpoch, credentialId)).WaitAsync(TimeSpan.FromSeconds(5));
        await Eventually.ShouldHoldAsync(async () =>
        {
            await Wire.SendAsync(gateway.NpmAddress, "GET", "/x", "Authorization: Bearer good");
            var last = TestKeys.Codec.Verify(gateway.Packages.Requests[^1].Header(InternalHeaders.Assertion)!, ServiceNames.Packages)!;
            return last.Caller!.Credential == CredentialState.Rejected;
        }, "the revoked token is refused");

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(8));
    }
}
