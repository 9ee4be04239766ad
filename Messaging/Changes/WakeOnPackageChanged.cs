using MassTransit;

using Registry.Contracts.Events;

namespace Registry.Messaging.Changes;

/// <summary>
/// Goes on in the feed because a package changed. The work belongs to the message's trace but not to its handling: a message
/// that is still being handled when the connection breaks can keep RabbitMQ's client from ever reading the queue again, so
/// it is acknowledged at once. Nothing is lost with it: the follower keeps its position and looks by itself, too.
/// </summary>
public sealed class WakeOnPackageChanged(ChangesFollower follower) : IConsumer<PackageChanged>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<PackageChanged> context)
    {
        _ = follower.WakeAsync(context.Message.Revision, CancellationToken.None); // never fails: an outage is the loop's business
        return Task.CompletedTask;
    }
}
