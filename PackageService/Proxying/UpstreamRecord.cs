using Registry.Upstreams;

namespace Registry.PackageService.Proxying;

/// <summary>What became of the questions this process asked an upstream.</summary>
internal sealed class UpstreamRecord(TimeProvider clock)
{
    private const double Weight = 0.1; // of the newest answer in the average
    private readonly Lock _changing = new();
    private UpstreamTally _tally = new(0, 0, 0, null, null, null, null, TimeSpan.Zero);

    /// <summary>As of now.</summary>
    public UpstreamTally Tally
    {
        get
        {
            lock (_changing)
            {
                return _tally;
            }
        }
    }

    /// <summary>Notes an answer, or a failure.</summary>
    /// <param name="failure">The failure; null when it answered.</param>
    /// <param name="took">How long it took.</param>
    /// <param name="isPing">Nobody's request led to it.</param>
    public void Add(RegistryException? failure, TimeSpan took, bool isPing = false)
    {
        var now = clock.GetUtcNow();
        lock (_changing)
        {
            _tally = _tally with { Pings = _tally.Pings + (isPing ? 1 : 0) };
            _tally = failure is null
                ? _tally with
                {
                    Answers = _tally.Answers + 1,
                    LastAnswerAt = now,
                    AverageTime = _tally.Answers == 0 ? took : (_tally.AverageTime * (1 - Weight)) + (took * Weight),
                }
                : _tally with { Failures = _tally.Failures + 1, LastFailureAt = now, LastFailure = failure.Failure, LastFailureMessage = failure.Message };
        }
    }
}

/// <summary>Answers and failures of an upstream since this process asks it, and how many of both together were pings.</summary>
internal sealed record UpstreamTally(
    long Answers,
    long Failures,
    long Pings,
    DateTimeOffset? LastAnswerAt,
    DateTimeOffset? LastFailureAt,
    RegistryFailure? LastFailure,
    string? LastFailureMessage,
    TimeSpan AverageTime);
