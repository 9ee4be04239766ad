using MassTransit;

using Registry.Contracts.Events;

namespace Registry.Gateway.Credentials;

/// <summary>Forgets a credential as soon as it stops being valid. Should the event be lost, it is forgotten within ten seconds anyway.</summary>
internal sealed class ForgetOnAccessTokenRevoked(Introspections introspections, UserAssertions assertions) : IConsumer<AccessTokenRevoked>
{
    public Task Consume(ConsumeContext<AccessTokenRevoked> context)
    {
        introspections.Evict(context.Message.CredentialId);
        assertions.Evict(context.Message.CredentialId);
        return Task.CompletedTask;
    }
}
