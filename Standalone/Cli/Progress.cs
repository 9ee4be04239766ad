using System.Globalization;

namespace Registry.Standalone.Cli;

/// <summary>Tells the operator what happens and how long it took, one line a step; a slow step says that it is still at it.</summary>
internal sealed class Progress(TextWriter terminal, TimeProvider clock)
{
    private static readonly TimeSpan SlowAfter = TimeSpan.FromSeconds(4);
    private readonly TextWriter _terminal = TextWriter.Synchronized(terminal);

    /// <summary>Where it goes.</summary>
    public TextWriter Terminal => _terminal;

    /// <summary>A sentence of its own.</summary>
    public void Say(string sentence) => _terminal.WriteLine($"  {sentence}");

    /// <summary>Does one step.</summary>
    /// <param name="title">What it is, beginning with a verb.</param>
    /// <param name="step">The step.</param>
    /// <param name="describe">What to say of its result; nothing by default.</param>
    public async Task<T> StepAsync<T>(string title, Func<Task<T>> step, Func<T, string>? describe = null)
    {
        var since = clock.GetTimestamp();
        var patience = SlowAfter;
        var work = step();
        while (await Task.WhenAny(work, Task.Delay(patience, clock)) != work)
        {
            Say($"{title} … {Seconds(clock.GetElapsedTime(since))} so far");
            patience *= 2;
        }

        var result = await work;
        var outcome = describe?.Invoke(result) is { Length: > 0 } text ? $": {text}" : "";
        Say(string.Create(CultureInfo.InvariantCulture, $"{title}{outcome} ({Seconds(clock.GetElapsedTime(since))})"));
        return result;
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");
}
