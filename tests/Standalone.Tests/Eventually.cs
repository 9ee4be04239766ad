using System.Diagnostics;

namespace Registry.Standalone.Tests;

/// <summary>Waits for what happens in its own time.</summary>
internal static class Eventually
{
    public static async Task BecomesTrueAsync(Func<Task<bool>> condition, int seconds = 30)
    {
        var since = Stopwatch.StartNew();
        while (!await condition())
        {
            since.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(seconds));
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
