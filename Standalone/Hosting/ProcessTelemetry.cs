using Registry.ServiceDefaults;

namespace Registry.Standalone.Hosting;

/// <summary>
/// Exports traces and metrics once for the whole process, when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set: their sources
/// are process-wide, so the hosted services do not export them themselves.
/// </summary>
internal sealed class ProcessTelemetry : IAsyncDisposable
{
    private readonly IHost _host;

    private ProcessTelemetry(IHost host) => _host = host;

    /// <summary>Starts exporting.</summary>
    public static ProcessTelemetry Start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddEnvironmentVariables();
        builder.AddTelemetry("registry");
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var host = builder.Build();
        host.Start();
        return new ProcessTelemetry(host);
    }

    /// <summary>Flushes what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    /// <summary>Signals are the command's business.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
