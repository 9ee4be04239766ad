using System.Diagnostics;

using MassTransit;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

using Registry.Contracts.Http;
using Registry.Messaging.Changes;
using Registry.ServiceDefaults;
using Registry.Testing;

namespace Registry.Messaging.Tests.Changes;

public sealed class ChangesFollowerTests : IAsyncLifetime
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);
    private TimeSpan _gatherFor;

    private readonly RememberingHandler _handler = new();
    private FeedServer _feed = null!;

    public async ValueTask InitializeAsync() => _feed = await FeedServer.StartAsync();

    public ValueTask DisposeAsync() => _feed.DisposeAsync();

    [Fact]
    public async Task Every_change_is_applied_in_order_and_the_position_saved_after_each_page()
    {
        _feed.Append(1200);

        await using var host = await StartAsync(Often);

        await ReachesAsync(host, 1200);
        _handler.Applied.ShouldBe(Enumerable.Range(1, 1200).Select(position => (long)position));
        _handler.Saved.Select(saved => saved.Position).ShouldBe([500, 1000, 1200]);
        FollowerOf(host).IsConfirmedWithin(TimeSpan.FromSeconds(5)).ShouldBeTrue();
    }

    [Fact]
    public async Task Following_goes_on_after_the_saved_position()
    {
        _feed.Append(10);
        _handler.Begins = new ChangesPosition(_feed.Epoch, 7);

        await using var host = await StartAsync(Often);

        await ReachesAsync(host, 10);
        _handler.Applied.ShouldBe([8, 9, 10]);
    }

    [Fact]
    public async Task A_position_that_was_moved_back_is_gone_on_from_at_once()
    {
        _feed.Append(10);
        _handler.Begins = new ChangesPosition(_feed.Epoch, 7);
        _handler.MovesTo = new ChangesPosition(_feed.Epoch, 4);

        await using var host = await StartAsync(Never);

        await ReachesAsync(host, 10);
        _handler.Applied.ShouldBe([8, 9, 10, 5, 6, 7, 8, 9, 10]);
        _handler.Begins = new ChangesPosition(_feed.Epoch, 9);
        await FollowerOf(host).ReloadAsync(CancellationToken.None);
        _handler.Applied.Last().ShouldBe(10);
        _handler.Applied.Count.ShouldBe(10);
    }

    [Fact]
    public async Task A_handler_without_a_position_hears_only_what_happens_from_now_on()
    {
        _feed.Append(10);
        _handler.Begins = null;
        await using var host = await StartAsync(Often);
        await ReachesAsync(host, 10);

        _feed.Append(2);

        await ReachesAsync(host, 12);
        _handler.Applied.ShouldBe([11, 12]);
    }

    [Fact]
    public async Task Another_epoch_resets_the_handler_and_is_read_from_the_start()
    {
        _feed.Append(10);
        await using var host = await StartAsync(Often);
        await ReachesAsync(host, 10);
        _handler.Applied.Clear();

        _feed.Restore(4);

        await Eventually.ShouldHoldAsync(() => _handler.Applied.Count == 4, "the new feed was read");
        _handler.Resets.ShouldBe([_feed.Epoch]);
        _handler.Applied.ShouldBe([1, 2, 3, 4]);
        await ReachesAsync(host, 4);
        _handler.Saved.Last().ShouldBe(new ChangesPosition(_feed.Epoch, 4));
    }

    [Fact]
    public async Task Changes_a_handler_fails_on_come_again_and_none_is_skipped()
    {
        _feed.Append(3);
        _handler.FailuresToCome = 2;

        await using var host = await StartAsync(Often);

        await ReachesAsync(host, 3);
        _handler.Applied.ShouldBe([1, 2, 3]);
        _handler.FailuresToCome.ShouldBe(0);
    }

    [Theory]
    [InlineData("500")]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("""{"epoch":"0198c0de-0000-7000-8000-000000000000","position":2,"head":5,"changes":[]}""")]
    public async Task A_feed_that_answers_nonsense_is_degraded_health_until_it_recovers(string nonsense)
    {
        _handler.Begins = new ChangesPosition(Guid.Parse("0198c0de-0000-7000-8000-000000000000"), 3);
        _feed.Break(nonsense);
        await using var host = await StartAsync(Often);
        await Eventually.ShouldHoldAsync(() => FollowerOf(host).ConsecutiveFailures > 1, "following fails");
        (await HealthAsync(host)).ShouldBe(HealthStatus.Degraded);
        FollowerOf(host).Position.ShouldBe(3);

        _feed.Append(5);
        _feed.Repair();

        await ReachesAsync(host, 5);
        (await HealthAsync(host)).ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task A_wake_up_brings_the_follower_to_the_revision_at_once()
    {
        await using var host = await StartAsync(Never);
        await Eventually.ShouldHoldAsync(() => FollowerOf(host).ConfirmedAt is not null, "the head was reached");
        _feed.Append(2);

        var reached = await FollowerOf(host).WakeAsync(2, CancellationToken.None);

        reached.ShouldBeTrue();
        _handler.Applied.ShouldBe([1, 2]);
    }

    [Fact]
    public async Task A_wake_up_for_what_is_known_asks_nothing()
    {
        _feed.Append(2);
        await using var host = await StartAsync(Never);
        await ReachesAsync(host, 2);
        var asked = _feed.Requests.Count;

        var reached = await FollowerOf(host).WakeAsync(2, CancellationToken.None);

        reached.ShouldBeTrue();
        _feed.Requests.Count.ShouldBe(asked);
    }

    [Fact]
    public async Task Wake_ups_at_once_apply_each_change_once()
    {
        await using var host = await StartAsync(Never);
        await Eventually.ShouldHoldAsync(() => FollowerOf(host).ConfirmedAt is not null, "the head was reached");
        _feed.Append(20);

        var reached = await Task.WhenAll(Enumerable.Range(1, 20).Select(revision => FollowerOf(host).WakeAsync(revision, CancellationToken.None)));

        reached.ShouldAllBe(each => each);
        _handler.Applied.ShouldBe(Enumerable.Range(1, 20).Select(position => (long)position));
    }

    [Fact]
    public async Task What_happens_within_the_time_of_gathering_is_read_in_one_go()
    {
        _gatherFor = TimeSpan.FromMilliseconds(500);
        await using var host = await StartAsync(Never);
        await Eventually.ShouldHoldAsync(() => FollowerOf(host).ConfirmedAt is not null, "the head was reached");
        var asked = _feed.Requests.Count;

        var wakes = new List<Task<bool>>();
        for (var revision = 1; revision <= 20; revision++)
        {
            _feed.Append(1);
            wakes.Add(FollowerOf(host).WakeAsync(revision, CancellationToken.None));
        }

        (await Task.WhenAll(wakes)).ShouldAllBe(reached => reached);
        _handler.Applied.ShouldBe(Enumerable.Range(1, 20).Select(position => (long)position));
        _feed.Requests.Count.ShouldBe(asked + 1);
    }

    [Fact]
    public async Task A_wake_up_during_an_outage_leaves_the_trying_to_the_loop()
    {
        _feed.Break("500");
        await using var host = await StartAsync(Never);
        await Eventually.ShouldHoldAsync(() => FollowerOf(host).ConsecutiveFailures >= 4, "following fails");
        var asked = _feed.Requests.Count;

        var reached = await Task.WhenAll(Enumerable.Range(1, 50).Select(revision => FollowerOf(host).WakeAsync(revision, CancellationToken.None)));

        reached.ShouldAllBe(each => !each);
        _feed.Requests.Count.ShouldBeLessThan(asked + 10);
    }

    [Fact]
    public async Task An_event_from_the_broker_wakes_the_follower_inside_its_trace()
    {
        using var recorder = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(recorder);
        using var source = new ActivitySource("test");
        await using var host = await StartAsync(Never, BackingServers.RabbitMq);
        await Eventually.ShouldHoldAsync(async () => await HealthAsync(host, "broker") == HealthStatus.Healthy, "the broker is connected");
        await Eventually.ShouldHoldAsync(() => FollowerOf(host).ConfirmedAt is not null, "the head was reached");
        _feed.Append(1);

        string trace;
        using (var request = source.StartActivity("request"))
        {
            trace = request!.TraceId.ToHexString();
            await host.Services.GetRequiredService<IBus>().Publish(MessagingHost.NewEvent(revision: 1000)); // later than what any other event on this broker leads to
        }

        await ReachesAsync(host, 1);
        await Eventually.ShouldHoldAsync(() => _feed.Requests.Any(request => request.TraceParent.Contains(trace)), "the feed was read inside the trace");
    }

    private static ChangesFollower FollowerOf(ServiceHost host) => host.Services.GetRequiredService<ChangesFollower>();

    private static Task ReachesAsync(ServiceHost host, long position) =>
        Eventually.ShouldHoldAsync(
            () => FollowerOf(host).Position == position && FollowerOf(host).ConfirmedAt is not null && FollowerOf(host).Head == position,
            $"position {position} was reached");

    private static async Task<HealthStatus> HealthAsync(ServiceHost host, string check = "changes") =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries[check].Status;

    private Task<ServiceHost> StartAsync(TimeSpan pollInterval, string? broker = null) =>
        ServiceHost.StartAsync(
            ServiceNames.Search,
            (args, settings) =>
            {
                var builder = ServiceDefaultsExtensions.CreateServiceBuilder(ServiceNames.Search, args, settings);
                builder.Services.AddSingleton(_handler);
                builder.AddMessaging("test", bus => bus.AddTemporaryConsumer<WakeOnPackageChanged>());
                builder.AddChangesFollower<RememberingHandler>(_gatherFor, pollInterval);
                var app = builder.Build();
                app.UseServiceDefaults();
                return app;
            },
            new Dictionary<string, string?>
            {
                ["services:packages:http:0"] = _feed.Address,
                ["ConnectionStrings:rabbitmq"] = broker,
            });
}
