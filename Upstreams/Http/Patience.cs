namespace Registry.Upstreams.Http;

/// <summary>A wait that ends when it has lasted too long or its caller ends it.</summary>
internal sealed class Patience : IDisposable
{
    private readonly CancellationTokenSource _late;
    private readonly CancellationTokenSource _either;

    public Patience(TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        _late = new CancellationTokenSource(limit, clock);
        _either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _late.Token);
    }

    public CancellationToken Token => _either.Token;

    public void Dispose()
    {
        _either.Dispose();
        _late.Dispose();
    }
}
