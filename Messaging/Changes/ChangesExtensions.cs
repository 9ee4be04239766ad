using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

using Registry.Contracts.Http;
using Registry.ServiceDefaults.Clients;

namespace Registry.Messaging.Changes;

/// <summary>Makes a service follow the feed of changes.</summary>
public static class ChangesExtensions
{
    private static readonly TimeSpan WithBroker = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WithoutBroker = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Registers a <see cref="ChangesFollower"/> with its handler and the health check <c>changes</c> (degraded at worst). Add
    /// <see cref="WakeOnPackageChanged"/> as a consumer to have events wake it.
    /// </summary>
    /// <typeparam name="THandler">What to do with the changes; a singleton.</typeparam>
    /// <param name="builder">The service.</param>
    /// <param name="gatherFor">How long what wakes it waits for what happens next; zero reads the feed with every event.</param>
    /// <param name="pollInterval">How often to look when nothing wakes it; default 30 s where a broker is configured, 1 s where none is.</param>
    public static IHostApplicationBuilder AddChangesFollower<THandler>(
        this IHostApplicationBuilder builder, TimeSpan gatherFor, TimeSpan? pollInterval = null)
        where THandler : class, IChangesHandler
    {
        var services = builder.Services;
        services.AddServiceClient<ChangesClient>(builder.Configuration, ServiceNames.Packages);
        services.TryAddSingleton<THandler>();
        services.AddSingleton<IChangesHandler>(provider => provider.GetRequiredService<THandler>());
        services.AddSingleton(new ChangesFollowerSettings(
            pollInterval ?? (builder.Configuration.HasBroker() ? WithBroker : WithoutBroker), gatherFor));
        services.AddSingleton<ChangesFollower>();
        services.AddHostedService(provider => provider.GetRequiredService<ChangesFollower>());
        services.AddHostedService<ChangesMetrics>();
        services.AddHealthChecks().AddCheck<ChangesHealthCheck>("changes", HealthStatus.Degraded);
        return builder;
    }
}
