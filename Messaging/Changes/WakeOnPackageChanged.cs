using MassTransit;

using Registry.Contracts.Events;

namespace Registry.Messaging.Changes;

/// <summary>
/// Goes on in the feed because a package changed; the work happens inside the message's trace. A wake-up that comes to
/// nothing is no failure and is not put aside: the follower's own loop keeps trying.
/// </summary>
public sealed class WakeOnPackageChanged(ChangesFollower follower) : IConsumer<PackageChanged>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<PackageChanged> context) =>
        follower.WakeAsync(context.Message.Revision, context.CancellationToken);
}
