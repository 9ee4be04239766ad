using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Assertions;
using Registry.ServiceDefaults.Bodies;
using Registry.ServiceDefaults.Routing;

namespace Registry.ServiceDefaults;

/// <summary>What every service has in common: telemetry, health, problems, assertions, limits of the server.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>
    /// A builder with the defaults in place. <paramref name="settings"/> win over files, environment and arguments: the
    /// hosts that run several services in one process use them to tell each its own address and peers.
    /// </summary>
    /// <param name="serviceName">One of <see cref="Contracts.Http.ServiceNames"/>.</param>
    /// <param name="args">Command line.</param>
    /// <param name="settings">Settings of the host, or null.</param>
    public static WebApplicationBuilder CreateServiceBuilder(
        string serviceName, string[] args, IEnumerable<KeyValuePair<string, string?>>? settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ApplicationName = $"registry-{serviceName}" });
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.AddTelemetry(serviceName);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null; // each endpoint bounds its own body; a tarball may be large
            kestrel.Limits.MaxRequestHeadersTotalSize = 64 * 1024;

            // A slow line is no attack: a transfer is cut when it falls silent, not when it is below the default 240 bytes/s.
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1, gracePeriod: TimeSpan.FromSeconds(100));
            kestrel.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 1, gracePeriod: TimeSpan.FromSeconds(100));
        });

        // A request begins on the pool's thread that read it, and its answer is sent from where it was written: two hand-overs less each.
        // And it is read into a buffer that is there already: asking first whether something has come is a system call for each.
        builder.WebHost.UseSockets(static sockets => (sockets.UnsafePreferInlineScheduling, sockets.WaitForDataBeforeAllocatingBuffer) = (true, false));

        // What health says is asked for all the time; WaitingNotice says it now and then.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);

        // Their lines quote targets, and the target of npm logout is an access token (protocol 3.2).
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting", LogLevel.Warning);
        builder.Logging.AddFilter("System.Net.Http.HttpClient", LogLevel.Warning);
        builder.Logging.AddFilter("Yarp", LogLevel.Warning);

        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new ServiceIdentity(serviceName));
        services.AddRegistryProblems();
        KeysInMemory.Add(services);
        services.ConfigureHttpJsonOptions(json => RegistryJson.Configure(json.SerializerOptions));
        services.AddHealthChecks();
        services.AddDraining();
        services.AddHostedService<WaitingNotice>();
        services.AddOptions<AssertionOptions>().BindConfiguration(AssertionOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<AssertionCodec>();
        return builder;
    }

    /// <summary>The middleware of a service behind the Gateway, in order; endpoints are mapped after it.</summary>
    /// <param name="app">The application.</param>
    /// <param name="routeByDialect">Put the mount's dialect in front of the path before routing.</param>
    public static void UseServiceDefaults(this WebApplication app, bool routeByDialect = true)
    {
        app.UseErrorBodies();
        app.UseStatusCodePages();
        app.UseMiddleware<AssertionMiddleware>();
        if (routeByDialect)
        {
            app.UseMiddleware<DialectMiddleware>();
        }

        app.UseRouting();
        app.UseMiddleware<AccessMiddleware>();
        app.UseMiddleware<InflateMiddleware>();
        app.MapHealth();
    }

    /// <summary>The orderly end, span names and unhandled exceptions as problems: the part the Gateway uses too.</summary>
    public static void UseErrorBodies(this WebApplication app)
    {
        app.UseDraining();
        app.UseRefusedBodies();
        app.UseSpanNames(app.Services.GetRequiredService<ServiceIdentity>().Name);
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            StatusCodeSelector = RegistryProblem.StatusOf,

            // A request that was cut off or malformed is the client's doing: answered, not logged as our failure.
            SuppressDiagnosticsCallback = static failed => failed.Exception is Microsoft.AspNetCore.Http.BadHttpRequestException or OperationCanceledException,
        });
    }

    /// <summary>Maps <c>/health</c> and <c>/alive</c>; for a host that arranges its own middleware.</summary>
    public static void MapHealthEndpoints(this WebApplication app) => app.MapHealth();
}
