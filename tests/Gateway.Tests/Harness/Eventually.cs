using System.Diagnostics;

namespace Registry.Gateway.Tests.Harness;

/// <summary>Waits for something with a deadline.</summary>
public static class Eventually
{
    public static Task TrueAsync(Func<bool> condition) => TrueAsync(() => Task.FromResult(condition()));

    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string>? describe = null)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(40), describe?.Invoke() ?? "what was waited for did not happen");
            await Task.Delay(20);
        }
    }
}
