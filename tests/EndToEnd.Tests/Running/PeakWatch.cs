namespace Registry.EndToEnd.Tests.Running;

/// <summary>Watches the resident memory of some processes together and remembers the highest value seen.</summary>
public sealed class PeakWatch : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private long _peak;

    /// <summary>Starts to watch.</summary>
    public PeakWatch(IReadOnlyList<int> processIds) => _watching = WatchAsync(processIds);

    /// <summary>The highest resident size so far, bytes.</summary>
    public long PeakBytes => Interlocked.Read(ref _peak);

    /// <summary>The resident size now, bytes.</summary>
    public static long ResidentBytes(IReadOnlyList<int> processIds) => processIds.Sum(ResidentBytes);

    private static long ResidentBytes(int processId) =>
        long.Parse(
            File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            System.Globalization.CultureInfo.InvariantCulture) * 1024;

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _ = _watching;
    }

    private async Task WatchAsync(IReadOnlyList<int> processIds)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var stop = _stop.Token;
        while (!stop.IsCancellationRequested && await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            Interlocked.Exchange(ref _peak, Math.Max(PeakBytes, ResidentBytes(processIds)));
        }
    }
}
