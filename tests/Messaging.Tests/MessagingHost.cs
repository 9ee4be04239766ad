using MassTransit;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using Registry.Contracts.Events;
using Registry.ServiceDefaults;
using Registry.Testing;

namespace Registry.Messaging.Tests;

/// <summary>A process with an outbox and a connection to a broker.</summary>
internal sealed class MessagingHost : IAsyncDisposable
{
    private readonly IHost _host;

    private MessagingHost(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public static async Task<MessagingHost> StartAsync(
        TestDatabase database,
        string? broker,
        Action<IBusRegistrationConfigurator>? consumers = null,
        Action<IServiceCollection>? services = null,
        string name = "test",
        bool dispatches = true)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = name });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:rabbitmq"] = broker,
            ["Outbox:PublishTimeout"] = "00:00:02",
            ["Outbox:LongestBackOff"] = "00:00:00.2",
            ["Outbox:PollInterval"] = "00:00:00.1",
        });
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddConsole();
        builder.Services.AddSingleton(new ServiceIdentity(name));
        builder.Services.AddDbContext<EventsContext>(options => options.UseNpgsql(database.ConnectionString));
        services?.Invoke(builder.Services);
        builder.AddMessaging(name, consumers);
        if (dispatches)
        {
            builder.AddOutboxDispatcher<EventsContext>();
        }

        var host = builder.Build();
        await host.StartAsync();
        return new MessagingHost(host);
    }

    public static PackageChanged NewEvent(long revision = 1) =>
        new(Guid.CreateVersion7(), TimeProvider.System.GetUtcNow(), "main", "left-pad", PackageChangeKind.Published, "1.0.0", revision);

    public async Task EnqueueAsync(params PackageChanged[] events)
    {
        await InDatabaseAsync(async db =>
        {
            foreach (var happened in events)
            {
                db.Enqueue(happened);
            }

            return await db.SaveChangesAsync();
        });
        Services.GetRequiredService<OutboxSignal>().Raise();
    }

    public Task<List<OutboxMessage>> RowsAsync() => InDatabaseAsync(db => db.Outbox.AsNoTracking().OrderBy(row => row.Id).ToListAsync());

    public async Task<T> InDatabaseAsync<T>(Func<EventsContext, Task<T>> step)
    {
        await using var scope = Services.CreateAsyncScope();
        return await step(scope.ServiceProvider.GetRequiredService<EventsContext>());
    }

    public async Task<HealthReportEntry> BrokerHealthAsync() =>
        (await Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["broker"];

    public Task ConnectsAsync() => Eventually.ShouldHoldAsync(
        async () => (await BrokerHealthAsync()).Status == HealthStatus.Healthy, "the broker is connected");

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }
}
