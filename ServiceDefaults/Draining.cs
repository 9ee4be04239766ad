using System.ComponentModel.DataAnnotations;
using System.Runtime.InteropServices;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Registry.ServiceDefaults;

/// <summary>How a service ends. Section <c>Drain</c>.</summary>
public sealed class DrainOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Drain";

    /// <summary>
    /// How long a service that was asked to end goes on serving while its health says that it ends, so that whoever spreads
    /// requests over replicas leaves it alone before it stops listening. Default 3 s: more than the Gateway's interval of asking.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00", ErrorMessage = "Drain:Delay must be between 0 and 1 min.")]
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long requests under way may take after that. Default 6 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00", ErrorMessage = "Drain:Limit must be between 0 and 10 min.")]
    public TimeSpan Limit { get; set; } = TimeSpan.FromSeconds(6);
}

/// <summary>
/// An orderly end in three steps: first the service says so and still serves, asking clients to let their connections go; then
/// it listens no more and lets requests under way end; then it is gone. Asked a second time, it leaves out what is left of the first step.
/// </summary>
internal sealed class Draining(IOptions<DrainOptions> options, TimeProvider clock) : IHostedLifecycleService, IHealthCheck, IDisposable
{
    private readonly CancellationTokenSource _hurry = new();
    private readonly List<PosixSignalRegistration> _signals = [];
    private volatile bool _ends;
    private int _asked;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_ends ? HealthCheckResult.Unhealthy("This process ends") : HealthCheckResult.Healthy());

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _ends = true;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _hurry.Token);
        await Task.Delay(options.Value.Delay, clock, patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT])
        {
            _signals.Add(PosixSignalRegistration.Create(signal, _ => Ask()));
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _signals.ForEach(static signal => signal.Dispose());
        _hurry.Dispose();
    }

    private void Ask()
    {
        if (Interlocked.Increment(ref _asked) == 2)
        {
            _hurry.Cancel();
        }
    }

    /// <summary>A kept connection would break under the client's next request: answers given now end theirs.</summary>
    internal Task LetGoAsync(HttpContext context, RequestDelegate next)
    {
        if (_ends)
        {
            context.Response.Headers.Connection = "close";
        }

        return next(context);
    }
}

/// <summary>Registers the orderly end.</summary>
internal static class DrainingExtensions
{
    public static void AddDraining(this IServiceCollection services)
    {
        services.AddOptions<DrainOptions>().BindConfiguration(DrainOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<Draining>();
        services.AddHostedService(provider => provider.GetRequiredService<Draining>());
        services.AddHealthChecks().AddCheck<Draining>("draining", HealthStatus.Unhealthy);
        services.AddOptions<HostOptions>().Configure<IOptions<DrainOptions>>(
            static (host, drain) => host.ShutdownTimeout = drain.Value.Delay + drain.Value.Limit);
    }

    public static void UseDraining(this WebApplication app)
    {
        var draining = app.Services.GetRequiredService<Draining>();
        app.Use(draining.LetGoAsync);
    }
}
