using System.Diagnostics;

using MassTransit;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

using Registry.Testing;

namespace Registry.Messaging.Tests;

public sealed class OutboxDispatcherTests : IAsyncLifetime
{
    private readonly HeardEvents _heard = new();
    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        await using var db = new EventsContext(new DbContextOptionsBuilder<EventsContext>().UseNpgsql(_database.ConnectionString).Options);
        await db.Database.EnsureCreatedAsync();
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task An_event_reaches_a_consumer_with_its_id_and_leaves_the_outbox()
    {
        await using var host = await StartListeningAsync();
        var happened = MessagingHost.NewEvent();

        await host.EnqueueAsync(happened);

        await Eventually.ShouldHoldAsync(() => _heard.Contains(happened), "the event arrived");
        await OutboxEmptiesAsync(host);
        var heard = _heard.Of(happened).First();
        heard.Event.ShouldBe(happened);
        heard.MessageId.ShouldBe(happened.EventId);
    }

    [Fact]
    public async Task The_trace_of_the_request_goes_on_through_the_broker()
    {
        using var recorder = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "MassTransit" or "Registry.Messaging" or "test",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(recorder);
        using var source = new ActivitySource("test");
        await using var host = await StartListeningAsync();
        var happened = MessagingHost.NewEvent();

        ActivityTraceId trace;
        using (var request = source.StartActivity("request"))
        {
            trace = request!.TraceId;
            await host.EnqueueAsync(happened);
        }

        await Eventually.ShouldHoldAsync(() => _heard.Contains(happened), "the event arrived");
        _heard.Of(happened).First().Trace.ShouldBe(trace);
    }

    [Fact]
    public async Task A_broker_that_hangs_holds_no_transaction_open_and_loses_no_row()
    {
        await using var broker = new Loopback(BackingServers.RabbitMq);
        await using var host = await MessagingHost.StartAsync(_database, broker.ConnectionString);
        await host.EnqueueAsync(MessagingHost.NewEvent(1), MessagingHost.NewEvent(2));
        await Eventually.ShouldHoldAsync(
            async () => (await host.RowsAsync()).Any(row => row.LeasedUntil is not null), "a row was taken");

        var openTransactions = 0;
        await Eventually.ShouldHoldAsync(
            async () =>
            {
                openTransactions = Math.Max(openTransactions, await OpenTransactionsAsync(host));
                return (await host.RowsAsync()).Any(row => row.Attempts > 0);
            },
            "a publish was given up");

        openTransactions.ShouldBe(0);
        broker.Accepted.ShouldBeGreaterThan(0);
        (await host.RowsAsync()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_row_that_could_not_be_sent_leaves_when_the_broker_is_back()
    {
        await using var broker = new Loopback(BackingServers.RabbitMq);
        await using var listener = await StartListeningAsync(dispatches: false);
        await using var host = await MessagingHost.StartAsync(_database, broker.ConnectionString);
        var happened = MessagingHost.NewEvent();
        await host.EnqueueAsync(happened);
        await Eventually.ShouldHoldAsync(async () => (await host.RowsAsync()).Any(row => row.Attempts > 0), "a publish failed");

        broker.Open();

        await Eventually.ShouldHoldAsync(() => _heard.Contains(happened), "the event arrived", withinSeconds: 90);
        await OutboxEmptiesAsync(host);
    }

    [Fact]
    public async Task A_dispatcher_that_stops_gives_back_what_the_broker_did_not_confirm()
    {
        await using var broker = new Loopback(BackingServers.RabbitMq);
        var host = await MessagingHost.StartAsync(_database, broker.ConnectionString);
        await host.EnqueueAsync(MessagingHost.NewEvent(1), MessagingHost.NewEvent(2), MessagingHost.NewEvent(3));
        await Eventually.ShouldHoldAsync(
            async () => (await host.RowsAsync()).All(row => row.LeasedUntil is not null), "the rows were taken");

        await host.DisposeAsync();

        await using var db = new EventsContext(new DbContextOptionsBuilder<EventsContext>().UseNpgsql(_database.ConnectionString).Options);
        (await db.Set<OutboxMessage>().Select(row => new { row.LeasedUntil, row.Attempts }).ToListAsync())
            .ShouldBe(Enumerable.Repeat(new { LeasedUntil = (DateTimeOffset?)null, Attempts = 0 }, 3));
    }

    [Fact]
    public async Task A_connection_cut_in_the_middle_loses_no_event()
    {
        await using var broker = new Loopback(BackingServers.RabbitMq);
        broker.Open();
        await using var listener = await StartListeningAsync(dispatches: false);
        await using var sender = await MessagingHost.StartAsync(_database, broker.ConnectionString);
        var events = Enumerable.Range(1, 300).Select(revision => MessagingHost.NewEvent(revision)).ToArray();
        await sender.EnqueueAsync(events);
        await Eventually.ShouldHoldAsync(() => events.Any(_heard.Contains), "sending began");
        broker.Cut();
        broker.Open();

        await Eventually.ShouldHoldAsync(() => events.All(_heard.Contains), "every event arrived", withinSeconds: 240);

        await OutboxEmptiesAsync(sender);
    }

    [Fact]
    public async Task Two_dispatchers_share_the_rows_and_lose_none()
    {
        await using var one = await StartListeningAsync();
        await using var other = await MessagingHost.StartAsync(_database, BackingServers.RabbitMq);
        var events = Enumerable.Range(1, 200).Select(revision => MessagingHost.NewEvent(revision)).ToArray();

        await one.EnqueueAsync(events);

        await Eventually.ShouldHoldAsync(() => events.All(_heard.Contains), "every event arrived");
        await OutboxEmptiesAsync(one);
    }

    [Fact]
    public async Task A_row_whose_dispatcher_died_is_sent_after_its_lease()
    {
        await using var host = await StartListeningAsync();
        var happened = MessagingHost.NewEvent();
        await host.InDatabaseAsync(async db =>
        {
            db.Enqueue(happened);
            db.ChangeTracker.Entries<OutboxMessage>().Single().Entity.LeasedUntil = TimeProvider.System.GetUtcNow().AddSeconds(2);
            return await db.SaveChangesAsync();
        });
        _heard.Contains(happened).ShouldBeFalse();

        await Eventually.ShouldHoldAsync(() => _heard.Contains(happened), "the event arrived");

        await OutboxEmptiesAsync(host);
    }

    [Fact]
    public async Task An_event_this_version_does_not_know_waits_without_holding_up_the_others()
    {
        await using var host = await StartListeningAsync();
        await host.InDatabaseAsync(db =>
        {
            db.Outbox.Add(new OutboxMessage { Type = "PackageTeleported", Body = "{}" });
            return db.SaveChangesAsync();
        });
        var happened = MessagingHost.NewEvent();

        await host.EnqueueAsync(happened);

        await Eventually.ShouldHoldAsync(() => _heard.Contains(happened), "the known event arrived");
        await Eventually.ShouldHoldAsync(async () => (await host.RowsAsync()).Count == 1, "the known event left");
        (await host.RowsAsync()).Single().Type.ShouldBe("PackageTeleported");
    }

    [Fact]
    public async Task Each_of_two_replicas_with_a_temporary_queue_hears_every_event()
    {
        var heardThere = new HeardEvents();
        await using var here = await StartListeningAsync();
        await using var there = await StartListeningAsync(dispatches: false, heardThere);
        var happened = MessagingHost.NewEvent();

        await here.EnqueueAsync(happened);

        await Eventually.ShouldHoldAsync(() => _heard.Contains(happened) && heardThere.Contains(happened), "the event arrived at both");
    }

    [Fact]
    public async Task Without_a_broker_rows_are_removed()
    {
        await using var host = await MessagingHost.StartAsync(_database, broker: null);

        await host.EnqueueAsync(MessagingHost.NewEvent(1), MessagingHost.NewEvent(2));

        await OutboxEmptiesAsync(host);
        host.Services.GetService<IBus>().ShouldBeNull();
    }

    /// <summary>A process that hears every event from now on, and sends what is in the outbox unless told otherwise.</summary>
    private async Task<MessagingHost> StartListeningAsync(bool dispatches = true, HeardEvents? heard = null)
    {
        var host = await MessagingHost.StartAsync(
            _database,
            BackingServers.RabbitMq,
            bus => bus.AddTemporaryConsumer<Listener>(),
            services => services.AddSingleton(heard ?? _heard),
            dispatches: dispatches);
        await host.ConnectsAsync();
        return host;
    }

    private static Task OutboxEmptiesAsync(MessagingHost host) =>
        Eventually.ShouldHoldAsync(async () => (await host.RowsAsync()).Count == 0, "the outbox is empty");

    private static Task<int> OpenTransactionsAsync(MessagingHost host) =>
        host.InDatabaseAsync(db => db.Database
            .SqlQuery<int>($"""
                SELECT count(*)::int AS "Value" FROM pg_stat_activity
                WHERE datname = current_database() AND state LIKE 'idle in transaction%'
                """)
            .SingleAsync());
}
