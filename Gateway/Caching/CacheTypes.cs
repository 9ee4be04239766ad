namespace Registry.Gateway.Caching;

/// <summary>How much a cache holds.</summary>
/// <param name="Entries">At most so many entries.</param>
/// <param name="Bytes">At most so many bytes, as fills report them.</param>
internal sealed record CacheLimits(int Entries, long Bytes);

/// <summary>What a cache holds now, and what it has done since the start.</summary>
/// <param name="Entries">Entries held.</param>
/// <param name="Bytes">Bytes held.</param>
/// <param name="Hits">Look-ups that found a value.</param>
/// <param name="Waits">Look-ups that found another's fill running.</param>
/// <param name="Misses">Look-ups that had to fill.</param>
/// <param name="Displaced">Entries that left because there was no room.</param>
internal readonly record struct CacheTally(long Entries, long Bytes, long Hits, long Waits, long Misses, long Displaced);

/// <summary>What a fill brought.</summary>
/// <param name="Value">The value.</param>
/// <param name="Tag">What it is forgotten by; null when nothing but time ends it.</param>
/// <param name="Bytes">What it costs in memory.</param>
/// <param name="Lifetime">How long it is kept at most; zero or less: not at all.</param>
internal sealed record Filled<TValue>(TValue Value, string? Tag, long Bytes, TimeSpan Lifetime);

/// <summary>The answer to a look-up: exactly one member is set.</summary>
/// <param name="Found">The value held.</param>
/// <param name="Running">Another's fill: its value, or null when there is none that others may use; then look again.</param>
/// <param name="Fill">The fill that is now the asker's to make.</param>
internal readonly record struct CacheLookup<TValue>(TValue? Found, Task<TValue?>? Running, CacheFill<TValue>? Fill)
    where TValue : class;

/// <summary>A fill in the hands of the one who makes it. Disposing it without completing lets those who wait go on by themselves.</summary>
/// <param name="startedAt">The cache's count of evictions when it began.</param>
/// <param name="end">Takes the fill out of the cache and says whether its value may be used by others.</param>
internal sealed class CacheFill<TValue>(long startedAt, Func<CacheFill<TValue>, Filled<TValue>?, bool> end) : IDisposable
    where TValue : class
{
    private readonly TaskCompletionSource<TValue?> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The cache's count of evictions when it began.</summary>
    public long StartedAt => startedAt;

    /// <summary>Its value, or null when others must look again.</summary>
    public Task<TValue?> Outcome => _outcome.Task;

    /// <summary>Ends the fill with a value.</summary>
    public void Complete(Filled<TValue> filled) => _outcome.TrySetResult(end(this, filled) ? filled.Value : null);

    /// <summary>Ends the fill with a failure, which is everybody's who waits.</summary>
    public void Fail(Exception reason)
    {
        end(this, null);
        _outcome.TrySetException(reason);
        _ = _outcome.Task.Exception; // observed: perhaps nobody waits
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        end(this, null);
        _outcome.TrySetResult(null);
    }
}
