namespace Registry.Messaging;

/// <summary>Tells this process's dispatcher that a transaction with events has committed, so that it need not wait for its next look.</summary>
public sealed class OutboxSignal : IDisposable
{
    private readonly SemaphoreSlim _raised = new(0, 1);

    /// <summary>Call after the commit.</summary>
    public void Raise()
    {
        if (_raised.CurrentCount > 0)
        {
            return; // already raised: one look finds everything
        }

        try
        {
            _raised.Release();
        }
        catch (SemaphoreFullException)
        {
            // By somebody else in the same moment.
        }
    }

    /// <summary>Waits for the signal, at most <paramref name="atMost"/>.</summary>
    public Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => _raised.WaitAsync(atMost, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _raised.Dispose();
}
