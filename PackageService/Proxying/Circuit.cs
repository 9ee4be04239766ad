using Registry.Upstreams;

namespace Registry.PackageService.Proxying;

/// <summary>
/// Lets questions through to an upstream while it works. After some failures in a row it lets one through at a time, and what becomes of
/// that one holds for all who waited: the first question after a recovery is answered, and an upstream that hangs is not
/// heaped with more. One that asks to be left alone is left alone.
/// </summary>
internal sealed class Circuit(string upstream, TimeProvider clock)
{
    private const int FailuresToOpen = 3;
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(5);

    private readonly Lock _changing = new();
    private int _failures;
    private DateTimeOffset _restUntil;
    private TaskCompletionSource<RegistryException?>? _trial;

    /// <summary>It does not work, as far as is known.</summary>
    public bool IsOpen => Volatile.Read(ref _failures) >= FailuresToOpen || Rest > TimeSpan.Zero;

    /// <summary>How long it is still left alone.</summary>
    public TimeSpan Rest
    {
        get
        {
            lock (_changing)
            {
                return _restUntil - clock.GetUtcNow() is { Ticks: > 0 } left ? left : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Asks, if that makes sense now.</summary>
    /// <exception cref="RegistryException">The upstream failed, just failed somebody else, or wants to be left alone.</exception>
    public async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (Rest is { Ticks: > 0 } rest)
            {
                throw new RegistryException(upstream, RegistryFailure.RateLimited, "wants to be left alone for a while.") { RetryAfter = rest };
            }

            var (trial, isOurs) = JoinTrial();
            if (trial is null || isOurs)
            {
                return await RunAsync(ask, trial, cancellationToken);
            }

            if (await trial.Task.WaitAsync(cancellationToken) is { } failure)
            {
                throw UpstreamFailure.Of(failure).ToException();
            }
        }
    }

    /// <summary>It answered, whatever it said.</summary>
    public void Succeeded()
    {
        lock (_changing)
        {
            _failures = 0;
        }
    }

    /// <summary>It failed as a whole, not for one package only.</summary>
    public void Failed(RegistryException failure)
    {
        lock (_changing)
        {
            _failures++;
            if (failure is { Failure: RegistryFailure.RateLimited, RetryAfter: { Ticks: > 0 } wanted })
            {
                _restUntil = clock.GetUtcNow() + (wanted < LongestRest ? wanted : LongestRest);
            }
        }
    }

    /// <summary>The failure says something of the upstream as a whole.</summary>
    public static bool Counts(RegistryException failure) =>
        failure.Failure is RegistryFailure.Unreachable or RegistryFailure.Untrusted or RegistryFailure.TooSlow or RegistryFailure.RateLimited
        || (failure.Failure == RegistryFailure.Failed && (int?)failure.Status >= 500);

    private (TaskCompletionSource<RegistryException?>? Trial, bool IsOurs) JoinTrial()
    {
        lock (_changing)
        {
            if (_failures < FailuresToOpen)
            {
                return (null, false);
            }

            if (_trial is not null)
            {
                return (_trial, false);
            }

            _trial = new TaskCompletionSource<RegistryException?>(TaskCreationOptions.RunContinuationsAsynchronously);
            return (_trial, true);
        }
    }

    private async Task<T> RunAsync<T>(
        Func<CancellationToken, Task<T>> ask, TaskCompletionSource<RegistryException?>? trial, CancellationToken cancellationToken)
    {
        RegistryException? failed = null;
        try
        {
            var answer = await ask(cancellationToken);
            Succeeded();
            return answer;
        }
        catch (RegistryException failure) when (Counts(failure))
        {
            failed = failure;
            Failed(failure);
            throw;
        }
        catch (RegistryException)
        {
            Succeeded(); // it answered, if only for this package with something wrong
            throw;
        }
        finally
        {
            EndTrial(trial, failed);
        }
    }

    private void EndTrial(TaskCompletionSource<RegistryException?>? trial, RegistryException? failure)
    {
        if (trial is not null)
        {
            lock (_changing)
            {
                _trial = null;
            }

            trial.SetResult(failure); // those who waited try themselves when it was given up
        }
    }
}
