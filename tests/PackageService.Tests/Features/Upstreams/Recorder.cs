using System.Collections.Concurrent;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using Registry.Testing;

namespace Registry.PackageService.Tests.Features.Upstreams;

/// <summary>Keeps what a service logs, with the values its messages carry beside their text.</summary>
internal sealed class Recorder : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = [];

    public IReadOnlyCollection<string> Lines => [.. _lines];

    /// <summary>Listens to a service from now on.</summary>
    public void Listen(ServiceHost host) => host.Services.GetRequiredService<ILoggerFactory>().AddProvider(this);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var values = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs.Select(static pair => pair.Value)) : "";
        _lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception} {values}");
    }

    public void Dispose()
    {
    }
}
