using System.Diagnostics;

namespace Registry.Testing;

/// <summary>Waits for what happens elsewhere or in its own time, with a deadline.</summary>
public static class Eventually
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Asks until the answer is yes.</summary>
    /// <param name="condition">What is asked. Only a yes to a question that began within the time counts.</param>
    /// <param name="what">What was waited for, as a sentence for the failure.</param>
    /// <param name="withinSeconds">How long to go on asking.</param>
    /// <param name="found">What is so instead, for the failure.</param>
    /// <exception cref="TimeoutException">It did not come true in time.</exception>
    public static async Task ShouldHoldAsync(Func<Task<bool>> condition, string what, int withinSeconds = 30, Func<string>? found = null)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var began = clock.Elapsed;
            if (await condition())
            {
                return;
            }

            if (began >= TimeSpan.FromSeconds(withinSeconds))
            {
                throw new TimeoutException($"Not true within {withinSeconds} s: {what}. {found?.Invoke()}");
            }

            // What has taken long is asked for less often: asking takes from those who are to bring it about.
            var pause = clock.Elapsed / 10;
            await Task.Delay(pause < ShortestPause ? ShortestPause : pause > LongestPause ? LongestPause : pause);
        }
    }

    /// <inheritdoc cref="ShouldHoldAsync(Func{Task{bool}}, string, int, Func{string}?)"/>
    public static Task ShouldHoldAsync(Func<bool> condition, string what, int withinSeconds = 30, Func<string>? found = null) =>
        ShouldHoldAsync(() => Task.FromResult(condition()), what, withinSeconds, found);
}
