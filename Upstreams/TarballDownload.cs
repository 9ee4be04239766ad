namespace Registry.Upstreams;

/// <summary>A tarball on its way here: read forwards, within the registry's limits of time and size. What it holds is not verified.</summary>
public abstract class TarballDownload : IAsyncDisposable
{
    /// <summary>Its size in bytes, when the registry says so.</summary>
    public abstract long? SizeBytes { get; }

    /// <summary>The next bytes; 0 at its end.</summary>
    /// <param name="buffer">Where to put them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RegistryException">The connection broke, is too slow, or there are more bytes than allowed.</exception>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
