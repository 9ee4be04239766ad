using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Registry.Standalone.Logs;

/// <summary>
/// Writes one service's log to its file, one event a line, and shows warnings on the operator's terminal too: the same
/// one at most every ten seconds, since a server that is away makes hundreds.
/// </summary>
[ProviderAlias("File")]
internal sealed class FileLoggerProvider(string service, RollingFile file, TextWriter terminal, TimeProvider clock) : ILoggerProvider
{
    private const int RememberedWarnings = 256;
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<(string Category, int Event), long> _shown = new();

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new FileLogger(this, categoryName);

    /// <summary>The file belongs to who made it.</summary>
    public void Dispose()
    {
    }

    private void Write(string category, LogLevel level, EventId id, string message, Exception? exception)
    {
        var line = new StringBuilder()
            .Append(clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture))
            .Append(' ').Append(Word(level)).Append(' ').Append(category).Append(": ").Append(message);
        if (Activity.Current is { } activity)
        {
            line.Append(" trace=").Append(activity.TraceId.ToHexString());
        }

        if (exception is not null)
        {
            line.AppendLine().Append(exception);
        }

        file.Write(line.ToString());
        if (level >= LogLevel.Warning && IsNews(category, id.Id))
        {
            terminal.WriteLine($"{Word(level)} {service}: {FirstLine(message)}{(exception is null ? "" : $" ({exception.GetType().Name}: {FirstLine(exception.Message)})")}");
        }
    }

    private bool IsNews(string category, int id)
    {
        var now = clock.GetTimestamp();
        if (_shown.TryGetValue((category, id), out var last) && clock.GetElapsedTime(last, now) < QuietTime)
        {
            return false;
        }

        if (_shown.Count >= RememberedWarnings)
        {
            _shown.Clear();
        }

        _shown[(category, id)] = now;
        return true;
    }

    private static string FirstLine(string text) => text.Split('\n', 2)[0].TrimEnd();

    private static string Word(LogLevel level) =>
        level switch
        {
            LogLevel.Critical => "crit ",
            LogLevel.Error => "error",
            LogLevel.Warning => "warn ",
            LogLevel.Information => "info ",
            _ => "debug",
        };

    private sealed class FileLogger(FileLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                provider.Write(category, logLevel, eventId, formatter(state, exception), exception);
            }
        }
    }
}
