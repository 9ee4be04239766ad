using System.Net.Security;

using MassTransit;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using Registry.ServiceDefaults;

namespace Registry.Messaging;

/// <summary>Wires a service to the broker and its outbox.</summary>
public static class MessagingExtensions
{
    private static readonly TimeSpan[] Retries =
        [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2)];

    /// <summary>True when <c>ConnectionStrings:rabbitmq</c> names a broker.</summary>
    public static bool HasBroker(this IConfiguration configuration) =>
        !string.IsNullOrWhiteSpace(configuration.GetConnectionString("rabbitmq"));

    /// <summary>
    /// Connects to the broker of <c>ConnectionStrings:rabbitmq</c>, with publisher confirms, in the background: a broker that
    /// is away delays nothing, shows as <c>degraded</c> in the health check <c>broker</c>, and is connected to again when
    /// it is back. A message that fails is tried three more times within 3 s, then put aside in <c>{queue}_error</c>.
    /// Without the setting nothing is registered but one line in the log.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="serviceName">First part of its queues' names: <c>{service}.{consumer}</c>.</param>
    /// <param name="consumers">Adds its consumers, with <c>AddConsumer</c> for a queue its replicas share, or
    /// <see cref="AddTemporaryConsumer"/> for one of this process alone.</param>
    /// <exception cref="InvalidOperationException">The setting is not an AMQP address.</exception>
    public static IHostApplicationBuilder AddMessaging(
        this IHostApplicationBuilder builder, string serviceName, Action<IBusRegistrationConfigurator>? consumers = null)
    {
        if (BrokerAddress.Parse(builder.Configuration.GetConnectionString("rabbitmq")) is not { } address)
        {
            builder.Services.AddHostedService<NoBrokerNotice>();
            return builder;
        }

        builder.Services.TryAddSingleton(new ServiceIdentity(serviceName));
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.SetEndpointNameFormatter(new QueueNames(serviceName));
            bus.ConfigureHealthCheckOptions(check =>
            {
                check.Name = "broker";
                check.MinimalFailureStatus = HealthStatus.Degraded;
            });
            bus.AddReceiveObserver<ParkedMessages>();
            consumers?.Invoke(bus);
            bus.UsingRabbitMq((context, rabbit) =>
            {
                Connect(rabbit, address, serviceName);
                rabbit.UseMessageRetry(retry => retry.Intervals(Retries));
                rabbit.ConfigureEndpoints(context);
            });
        });
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(host =>
        {
            host.WaitUntilStarted = false;
            host.StopTimeout = TimeSpan.FromSeconds(5);
        });
        return builder;
    }

    /// <summary>
    /// Adds a consumer whose messages only wake it up, with a queue its replicas share. Such a message is not put aside when it
    /// fails: the source is read again anyway, and moving it over a connection that has just broken may never end.
    /// </summary>
    public static void AddWakeUp<TConsumer>(this IBusRegistrationConfigurator bus)
        where TConsumer : class, IConsumer =>
        bus.AddConsumer<TConsumer>().Endpoint(endpoint => endpoint.AddConfigureEndpointCallback(static configurator => configurator.DiscardFaultedMessages()));

    /// <summary>
    /// Adds a consumer with a queue of this process alone, which the broker removes when the process goes: every process
    /// hears every event, and none that happened while it was away. As with <see cref="AddWakeUp"/>, failed messages are dropped.
    /// </summary>
    public static void AddTemporaryConsumer<TConsumer>(this IBusRegistrationConfigurator bus)
        where TConsumer : class, IConsumer =>
        bus.AddConsumer<TConsumer>()
            .Endpoint(endpoint =>
            {
                endpoint.Temporary = true;
                endpoint.InstanceId = $"-{Guid.CreateVersion7():n}"; // replicas would fight for one name: such a queue is exclusive
                endpoint.AddConfigureEndpointCallback(static configurator => configurator.DiscardFaultedMessages());
            });

    /// <summary>
    /// Sends what this service writes with <see cref="Outbox.Enqueue"/>, and registers the <see cref="OutboxSignal"/> to raise
    /// after a commit. Where no broker is configured the rows are removed unsent: consumers poll <c>changes</c> then.
    /// </summary>
    /// <typeparam name="TContext">The context whose model has the outbox.</typeparam>
    public static IHostApplicationBuilder AddOutboxDispatcher<TContext>(this IHostApplicationBuilder builder)
        where TContext : DbContext
    {
        var hasBroker = builder.Configuration.HasBroker();
        builder.Services.AddOptions<OutboxOptions>()
            .BindConfiguration(OutboxOptions.Section)
            .ValidateDataAnnotations()
            .Validate(outbox => outbox.Lease >= 2 * outbox.PublishTimeout, "Outbox:Lease must be at least twice Outbox:PublishTimeout.")
            .ValidateOnStart();
        builder.Services.TryAddSingleton<OutboxSignal>();
        builder.Services.TryAddSingleton<OutboxMetrics>();
        builder.Services.TryAddSingleton(provider => new EventPublisher(
            provider.GetRequiredService<IOptions<OutboxOptions>>(), hasBroker ? provider.GetRequiredService<IBus>() : null));
        builder.Services.AddHostedService<OutboxDispatcher<TContext>>();
        return builder;
    }

    private static void Connect(IRabbitMqBusFactoryConfigurator rabbit, BrokerAddress address, string serviceName) =>
        rabbit.Host(address.Host, address.Port, address.VirtualHost, $"registry-{serviceName}", host =>
        {
            host.Username(address.User);
            host.Password(address.Password);
            host.PublisherConfirmation = true;
            host.Heartbeat(TimeSpan.FromSeconds(10));
            host.RequestedConnectionTimeout(TimeSpan.FromSeconds(5));
            host.ContinuationTimeout(TimeSpan.FromSeconds(10));
            host.OnRefreshConnectionFactory = static factory =>
            {
                factory.SocketFactory = static family => new BrokerSocket(family);
                return Task.CompletedTask;
            };
            if (address.UsesTls)
            {
                host.UseSsl(tls =>
                {
                    tls.ServerName = address.Host;
                    tls.EnforcePolicyErrors(
                        SslPolicyErrors.RemoteCertificateNotAvailable
                        | SslPolicyErrors.RemoteCertificateNameMismatch
                        | SslPolicyErrors.RemoteCertificateChainErrors);
                });
            }
        });
}

/// <summary>Says once, at start, that there is no broker.</summary>
internal sealed partial class NoBrokerNotice(ILogger<NoBrokerNotice> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        LogNoBroker();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Information, Message = "No broker is configured (ConnectionStrings:rabbitmq): changes are followed by polling")]
    private partial void LogNoBroker();
}
