using System.Diagnostics;

using MassTransit;

using Microsoft.Extensions.Options;

namespace Registry.Messaging;

/// <summary>
/// Sends one event to the broker, bounded in time, as part of the trace of the request that made it. Without a broker
/// there is no bus and nobody to tell.
/// </summary>
internal sealed class EventPublisher(IOptions<OutboxOptions> options, IBus? bus)
{
    private static readonly ActivitySource Source = new("Registry.Messaging");

    /// <summary>False when no broker is configured.</summary>
    public bool HasBroker => bus is not null;

    /// <summary>Sends the event and waits for the broker's confirmation.</summary>
    /// <exception cref="TimeoutException">It was not confirmed in time. It may arrive all the same.</exception>
    public async Task PublishAsync(OutboxMessage row, CancellationToken cancellationToken)
    {
        if (bus is null)
        {
            throw new InvalidOperationException("No broker is configured.");
        }

        var happened = EventTypes.Read(row);
        ActivityContext.TryParse(row.TraceParent, null, out var parent);
        using var activity = Source.StartActivity($"outbox {row.Type}", ActivityKind.Producer, parent);
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(options.Value.PublishTimeout);
        try
        {
            // The token alone is not enough: a publish caught in a broker's restart can ignore it for ever.
            await bus
                .Publish(happened, happened.GetType(), Pipe.Execute<PublishContext>(c => c.MessageId = happened.EventId), bounded.Token)
                .WaitAsync(options.Value.PublishTimeout, cancellationToken);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The broker did not confirm the event in time.", late);
        }
    }
}
