using System.Diagnostics;

namespace Registry.EndToEnd.Tests.Running;

/// <summary>Asks until the answer is yes, or time is up.</summary>
public static class Eventually
{
    /// <summary>Fails unless the question is answered with yes by a call that began within the time.</summary>
    public static async Task WithinAsync(TimeSpan time, Func<Task<bool>> question)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var began = clock.Elapsed;
            if (await question())
            {
                return;
            }

            began.ShouldBeLessThan(time, "It did not come true in time.");
            await Task.Delay(50);
        }
    }
}
