using Registry.Upstreams;
using Registry.Upstreams.Types;

namespace Registry.PackageService.Proxying;

/// <summary>
/// One upstream while it is configured as it is: its connections, its circuit, and what is known of how it does. One that is changed or
/// removed is let go, not ended: questions that began with it are answered.
/// </summary>
internal sealed class Upstream : IDisposable
{
    private readonly SemaphoreSlim _slots;
    private readonly SemaphoreSlim _tarballSlots;
    private readonly PackageMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly RetryBudget _retries = new();

    public Upstream(RegistryConfig config, PackageMetrics metrics, TimeProvider clock)
    {
        Config = config;
        Registry = RegistryManager.Create(config);
        Circuit = new Circuit(config.Name, clock);
        Record = new UpstreamRecord(clock);
        RulesKey = string.Join('\n', [.. config.Rules.Allow.Select(static rule => rule.Pattern), "", .. config.Rules.Block.Select(static rule => rule.Pattern)]);
        _metrics = metrics;
        _clock = clock;
        _slots = new SemaphoreSlim(config.MaxConnections);
        _tarballSlots = new SemaphoreSlim(Math.Max(1, config.MaxConnections * 3 / 4)); // documents never wait for tarballs alone
    }

    public RegistryConfig Config { get; }

    public PackageRegistry Registry { get; }

    public Circuit Circuit { get; }

    /// <summary>What became of the questions it was asked.</summary>
    public UpstreamRecord Record { get; }

    public string Name => Config.Name;

    /// <summary>What its answers depend on: another type or base URL is another source.</summary>
    public string Source => $"{Config.Type} {Config.Url}";

    /// <summary>What rendered documents depend on.</summary>
    public string RulesKey { get; }

    /// <summary>Asks for a document, again when the connection broke, as far as that is not the rule by now.</summary>
    /// <exception cref="RegistryException">It failed.</exception>
    public async Task<T> AskAsync<T>(Func<PackageRegistry, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        await TakeSlotAsync(_slots, cancellationToken);
        try
        {
            return await AskOnceAsync(ask, cancellationToken);
        }
        catch (RegistryException broken) when (broken.Failure == RegistryFailure.Unreachable && !Circuit.IsOpen && _retries.Take())
        {
            return await AskOnceAsync(ask, cancellationToken);
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>Searches. What becomes of it says nothing of packuments and tarballs: a registry may have no search, or a slow one.</summary>
    /// <exception cref="RegistryException">It failed.</exception>
    public async Task<IReadOnlyList<PackageMetadata>> SearchAsync(string text, CancellationToken cancellationToken)
    {
        var started = _clock.GetTimestamp();
        RegistryException? failed = null;
        await TakeSlotAsync(_slots, cancellationToken);
        try
        {
            return await Registry.SearchAsync(text, cancellationToken);
        }
        catch (RegistryException failure)
        {
            failed = failure;
            throw;
        }
        finally
        {
            _slots.Release();
            _metrics.AskedUpstream(Name, failed?.Failure, _clock.GetElapsedTime(started));
        }
    }

    /// <summary>
    /// Downloads a tarball; never again by itself, since what came may have been passed on. Once it begins to come the upstream has answered:
    /// nobody waits for the end of a download to learn that it works again.
    /// </summary>
    /// <returns>Null when the upstream does not have it.</returns>
    /// <exception cref="RegistryException">It failed.</exception>
    public async Task<T?> DownloadAsync<T>(string link, Func<TarballDownload, CancellationToken, Task<T>> keep, CancellationToken cancellationToken)
        where T : class
    {
        await TakeSlotAsync(_tarballSlots, cancellationToken);
        try
        {
            await TakeSlotAsync(_slots, cancellationToken);
            try
            {
                await using var download = await AskOnceAsync((registry, token) => registry.OpenTarballAsync(link, token), cancellationToken);
                return download is null ? null : await KeepAsync(download, keep, cancellationToken);
            }
            finally
            {
                _slots.Release();
            }
        }
        finally
        {
            _tarballSlots.Release();
        }
    }

    public void Dispose()
    {
        Registry.Dispose();
        _slots.Dispose();
        _tarballSlots.Dispose();
    }

    private Task<T> AskOnceAsync<T>(Func<PackageRegistry, CancellationToken, Task<T>> ask, CancellationToken cancellationToken) =>
        Circuit.AskAsync(token => AskAndNoteAsync(ask, token), cancellationToken);

    private async Task<T> KeepAsync<T>(TarballDownload download, Func<TarballDownload, CancellationToken, Task<T>> keep, CancellationToken cancellationToken)
    {
        var started = _clock.GetTimestamp();
        try
        {
            return await keep(download, cancellationToken);
        }
        catch (RegistryException broken)
        {
            Note(broken, started);
            if (Circuit.Counts(broken))
            {
                Circuit.Failed(broken);
            }

            throw;
        }
    }

    private async Task<T> AskAndNoteAsync<T>(Func<PackageRegistry, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        var started = _clock.GetTimestamp();
        try
        {
            var answer = await ask(Registry, cancellationToken);
            _retries.Earn();
            Note(null, started);
            return answer;
        }
        catch (RegistryException failure)
        {
            Note(failure, started);
            throw;
        }
    }

    private void Note(RegistryException? failure, long started)
    {
        var took = _clock.GetElapsedTime(started);
        Record.Add(failure, took);
        _metrics.AskedUpstream(Name, failure?.Failure, took);
    }

    private async Task TakeSlotAsync(SemaphoreSlim slots, CancellationToken cancellationToken)
    {
        if (!await slots.WaitAsync(Config.Timeout, cancellationToken))
        {
            throw new RegistryException(Name, RegistryFailure.TooSlow, "is busy: too many questions wait for it.");
        }
    }

    /// <summary>How often it may be asked again: ten times at once, and for each tenth answer once more.</summary>
    private sealed class RetryBudget
    {
        private const int Most = 100;
        private const int Price = 10;
        private int _tenths = Most;

        public void Earn()
        {
            if (Volatile.Read(ref _tenths) < Most)
            {
                Interlocked.Increment(ref _tenths);
            }
        }

        public bool Take()
        {
            if (Interlocked.Add(ref _tenths, -Price) >= 0)
            {
                return true;
            }

            Interlocked.Add(ref _tenths, Price);
            return false;
        }
    }
}
