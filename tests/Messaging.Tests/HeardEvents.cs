using System.Collections.Concurrent;
using System.Diagnostics;

using MassTransit;

using Registry.Contracts.Events;

namespace Registry.Messaging.Tests;

/// <summary>What consumers heard, with the message id and trace each event came with.</summary>
internal sealed class HeardEvents
{
    private readonly ConcurrentQueue<Heard> _all = new();

    public void Add(Heard heard) => _all.Enqueue(heard);

    public bool Contains(PackageChanged happened) => Of(happened).Any();

    public IEnumerable<Heard> Of(PackageChanged happened) => _all.Where(heard => heard.Event.EventId == happened.EventId);

    internal sealed record Heard(PackageChanged Event, Guid? MessageId, ActivityTraceId? Trace);
}

internal sealed class Listener(HeardEvents heard) : IConsumer<PackageChanged>
{
    public Task Consume(ConsumeContext<PackageChanged> context)
    {
        heard.Add(new HeardEvents.Heard(context.Message, context.MessageId, Activity.Current?.TraceId));
        return Task.CompletedTask;
    }
}
