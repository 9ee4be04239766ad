using System.Globalization;

using Registry.Standalone.Folder;
using Registry.Standalone.Logs;

namespace Registry.Standalone.Hosting;

/// <summary>The running services of this process, each with its log file.</summary>
internal sealed class ServiceHosts(DataFolder folder, TextWriter terminal, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(15);
    private readonly List<(string Name, WebApplication App)> _running = [];
    private readonly List<RollingFile> _logs = [];

    /// <summary>Builds and starts all of them.</summary>
    /// <exception cref="RefusedException">A service says what is wrong with its configuration.</exception>
    public async Task StartAsync(ServiceSettings settings, CancellationToken cancellationToken)
    {
        foreach (var service in HostedService.All)
        {
            try
            {
                var app = service.Build([$"--contentRoot={AppContext.BaseDirectory}"], settings.For(service));
                WriteToLog(app, service.Name);
                _running.Add((service.Name, app));
                await app.StartAsync(cancellationToken);
            }
            catch (Exception wrong) when (wrong is Microsoft.Extensions.Options.OptionsValidationException or InvalidOperationException or IOException)
            {
                throw new RefusedException($"The {service.Name} service does not start: {wrong.Message}");
            }
        }
    }

    private void WriteToLog(WebApplication app, string name)
    {
#pragma warning disable CA2000 // the factory disposes of it
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(new FileLoggerProvider(name, Log(name), terminal, clock));
#pragma warning restore CA2000
    }

    /// <summary>A log file of this process.</summary>
    public RollingFile Log(string name)
    {
        var log = new RollingFile(Path.Combine(folder.Logs, string.Create(CultureInfo.InvariantCulture, $"{name}.log")));
        _logs.Add(log);
        return log;
    }

    /// <summary>Ends them, the entry first, each letting the requests it has come to their end.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var (_, app) in Enumerable.Reverse(_running))
        {
            using var limit = new CancellationTokenSource(StopLimit);
            try
            {
                await app.StopAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                // It had its time.
            }

            await app.DisposeAsync();
        }

        _running.Clear();
        foreach (var log in _logs)
        {
            await log.DisposeAsync();
        }

        _logs.Clear();
    }
}
