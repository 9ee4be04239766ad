using System.Diagnostics;

namespace Registry.SearchService.Tests;

/// <summary>Waits for something that happens elsewhere, with a deadline.</summary>
internal static class Eventually
{
    public static async Task ShouldHoldAsync(Func<Task<bool>> condition, string what, int withinSeconds = 30)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(withinSeconds), $"Still not true: {what}");
            await Task.Delay(50);
        }
    }
}
