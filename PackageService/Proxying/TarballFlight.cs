using Registry.PackageService.Data;

namespace Registry.PackageService.Proxying;

/// <summary>What came of a download.</summary>
internal abstract record TarballOutcome
{
    private TarballOutcome()
    {
    }

    /// <summary>It is stored.</summary>
    internal sealed record Stored(StoredBytes Bytes, DateTimeOffset At) : TarballOutcome;

    /// <summary>The upstream names it, and does not have it.</summary>
    internal sealed record Missing(string Upstream) : TarballOutcome;

    /// <summary>It could not be had.</summary>
    internal sealed record Failed(UpstreamFailure Failure) : TarballOutcome;
}

/// <summary>A download that is under way, for all who want the tarball: one reads along, the others wait until it is stored.</summary>
/// <param name="at">Which tarball.</param>
/// <param name="replaces">The integrity of the bytes that are stored and not what is promised any more; null when none are.</param>
internal sealed class TarballFlight(TarballAddress at, string? replaces)
{
    private readonly TaskCompletionSource<TarballOutcome> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _readers;

    public TarballAddress At => at;

    public string? Replaces => replaces;

    /// <summary>What passes by.</summary>
    public TarballTee Tee { get; } = new();

    /// <summary>Its end, however it ends.</summary>
    public Task<TarballOutcome> Ended => _ended.Task;

    /// <summary>The size in bytes, if the upstream told it.</summary>
    public long? SizeBytes { get; private set; }

    /// <summary>The bytes come from the upstream to this process, and some may be passed on.</summary>
    public bool HasBegun => Tee.Begun.IsCompleted;

    /// <summary>Takes the place of the one who reads along; the first gets it.</summary>
    public bool TryReadAlong() => Interlocked.Exchange(ref _readers, 1) == 0;

    /// <summary>Waits until bytes come or it is known that none will.</summary>
    public Task BeginAsync(CancellationToken cancellationToken) => Task.WhenAny(Tee.Begun, _ended.Task).WaitAsync(cancellationToken);

    /// <summary>The upstream has begun to send.</summary>
    public void Begin(long? sizeBytes) => SizeBytes = sizeBytes;

    /// <summary>It is over.</summary>
    public void End(TarballOutcome outcome)
    {
        if (outcome is TarballOutcome.Stored)
        {
            Tee.Complete();
        }
        else
        {
            Tee.Fail(new IOException("The tarball did not arrive."));
        }

        _ended.TrySetResult(outcome);
    }

    /// <summary>It broke for a reason that is ours.</summary>
    public void Break(Exception failure)
    {
        Tee.Fail(new IOException("The tarball did not arrive.", failure));
        _ended.TrySetException(failure);
    }
}
