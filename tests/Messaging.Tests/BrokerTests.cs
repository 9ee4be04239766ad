using System.Collections.Concurrent;

using MassTransit;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

using RabbitMQ.Client;

using Registry.Contracts.Events;
using Registry.Testing;

namespace Registry.Messaging.Tests;

public sealed class BrokerTests : IAsyncLifetime
{
    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_broker_that_is_away_delays_no_start_and_shows_as_degraded()
    {
        await using var host = await MessagingHost.StartAsync(_database, "amqp://nobody@127.0.0.1:9/", dispatches: false);

        var health = await host.BrokerHealthAsync();

        health.Status.ShouldBe(HealthStatus.Degraded);
    }

    [Fact]
    public async Task A_broker_that_answers_shows_as_healthy()
    {
        await using var host = await MessagingHost.StartAsync(_database, BackingServers.RabbitMq, dispatches: false);

        await host.ConnectsAsync();
    }

    [Fact]
    public async Task A_message_that_keeps_failing_is_tried_four_times_and_put_aside()
    {
        var service = $"test-{Guid.CreateVersion7():n}";
        var attempts = new ConcurrentBag<Guid>();
        await using var host = await MessagingHost.StartAsync(
            _database,
            BackingServers.RabbitMq,
            bus => bus.AddConsumer<RefuseEverything>(),
            services => services.AddSingleton(attempts),
            service,
            dispatches: false);
        var happened = MessagingHost.NewEvent();
        var queue = $"{service}.refuse-everything";
        await using var broker = await new ConnectionFactory { Uri = new Uri(BackingServers.RabbitMq) }.CreateConnectionAsync();
        await using var channel = await broker.CreateChannelAsync();

        try
        {
            await host.ConnectsAsync();
            await host.Services.GetRequiredService<IBus>().Publish(happened);

            await Eventually.ShouldHoldAsync(() => ParkedAsync(broker, $"{queue}_error", happened), "the message was put aside");
            attempts.Count(id => id == happened.EventId).ShouldBe(4);
        }
        finally
        {
            await host.DisposeAsync();
            await channel.QueueDeleteAsync(queue);
            await channel.QueueDeleteAsync($"{queue}_error");
            await channel.ExchangeDeleteAsync(queue);
            await channel.ExchangeDeleteAsync($"{queue}_error");
        }
    }

    [Fact]
    public async Task A_temporary_queue_goes_with_its_process()
    {
        await using var host = await MessagingHost.StartAsync(
            _database,
            BackingServers.RabbitMq,
            bus => bus.AddTemporaryConsumer<NameTheQueue>(),
            services => services.AddSingleton<QueueName>(),
            dispatches: false);
        var happened = MessagingHost.NewEvent();
        await host.ConnectsAsync();
        await host.Services.GetRequiredService<IBus>().Publish(happened);
        var queue = await host.Services.GetRequiredService<QueueName>().Seen.Task.WaitAsync(TimeSpan.FromSeconds(30));
        (await ExistsAsync(queue)).ShouldBeTrue();

        await host.DisposeAsync();

        await Eventually.ShouldHoldAsync(async () => !await ExistsAsync(queue), "the queue is gone");
    }

    [Theory]
    [InlineData("amqp://host.test", "host.test", 5672, "/", "guest", "guest", false)]
    [InlineData("amqp://u:p%40ss@host.test:1234/a%2fb", "host.test", 1234, "a/b", "u", "p@ss", false)]
    [InlineData("amqps://u:p@host.test/registry", "host.test", 5671, "registry", "u", "p", true)]
    [InlineData("amqp://u:p@[::1]:5673/", "::1", 5673, "/", "u", "p", false)]
    public void A_connection_string_names_host_port_virtual_host_and_account(
        string text, string host, int port, string virtualHost, string user, string password, bool usesTls) =>
        BrokerAddress.Parse(text).ShouldBe(new BrokerAddress(host, (ushort)port, virtualHost, user, password, usesTls));

    [Theory]
    [InlineData("localhost")]
    [InlineData("http://user:secret@host.test")]
    public void A_connection_string_of_another_kind_is_refused_without_repeating_it(string text)
    {
        var refused = Should.Throw<InvalidOperationException>(() => BrokerAddress.Parse(text));

        refused.Message.ShouldContain("ConnectionStrings:rabbitmq");
        refused.Message.ShouldNotContain("secret");
    }

    private static async Task<bool> ParkedAsync(IConnection broker, string queue, PackageChanged happened)
    {
        // Other tests may send the same kind of event to the same broker, so the one meant is looked for.
        await using var channel = await broker.CreateChannelAsync();
        try
        {
            while (await channel.BasicGetAsync(queue, autoAck: true) is { } parked)
            {
                if (System.Text.Encoding.UTF8.GetString(parked.Body.Span).Contains(happened.EventId.ToString(), StringComparison.Ordinal))
                {
                    return true;
                }
            }

            return false;
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return false; // the queue is made with its first message
        }
    }

    private static async Task<bool> ExistsAsync(string queue)
    {
        await using var broker = await new ConnectionFactory { Uri = new Uri(BackingServers.RabbitMq) }.CreateConnectionAsync();
        await using var channel = await broker.CreateChannelAsync();
        try
        {
            await channel.QueueDeclarePassiveAsync(queue);
            return true;
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException refused)
        {
            return refused.ShutdownReason?.ReplyCode == Constants.ResourceLocked; // exclusive to its process, so it exists
        }
    }

    internal sealed class RefuseEverything(ConcurrentBag<Guid> attempts) : IConsumer<PackageChanged>
    {
        public Task Consume(ConsumeContext<PackageChanged> context)
        {
            attempts.Add(context.Message.EventId);
            throw new InvalidOperationException("Refused.");
        }
    }

    internal sealed class QueueName
    {
        public TaskCompletionSource<string> Seen { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    internal sealed class NameTheQueue(QueueName name) : IConsumer<PackageChanged>
    {
        public Task Consume(ConsumeContext<PackageChanged> context)
        {
            name.Seen.TrySetResult(context.ReceiveContext.InputAddress.AbsolutePath.Split('/')[^1]);
            return Task.CompletedTask;
        }
    }
}
