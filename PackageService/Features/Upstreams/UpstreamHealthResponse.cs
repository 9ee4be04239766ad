using Registry.PackageService.Proxying;

namespace Registry.PackageService.Features.Upstreams;

/// <summary>How an upstream does, as this process sees it: what a status page shows (M62).</summary>
/// <param name="Name">Its name.</param>
/// <param name="State"><c>ok</c>, <c>failing</c>, <c>resting</c> (it asked to be left alone), <c>disabled</c>, or <c>unknown</c> before the first answer.</param>
/// <param name="RestSeconds">How long it is still left alone; 0 when it is not.</param>
/// <param name="Answers">Answers since this process asks it.</param>
/// <param name="Failures">Failures since then.</param>
/// <param name="Pings">How many of the answers and failures nobody's request led to: the registry asked by itself how the upstream does.</param>
/// <param name="AverageMilliseconds">How long an answer takes, the newest counting most.</param>
/// <param name="LastAnswerAt">When it last answered, UTC.</param>
/// <param name="LastFailureAt">When it last failed, UTC.</param>
/// <param name="LastFailure">How it failed.</param>
/// <param name="LastFailureMessage">The same in a sentence.</param>
internal sealed record UpstreamHealthResponse(
    string Name,
    string State,
    double RestSeconds,
    long Answers,
    long Failures,
    long Pings,
    double AverageMilliseconds,
    DateTimeOffset? LastAnswerAt,
    DateTimeOffset? LastFailureAt,
    string? LastFailure,
    string? LastFailureMessage)
{
    public static UpstreamHealthResponse Of(Upstream upstream)
    {
        var (tally, rest) = (upstream.Record.Tally, upstream.Circuit.Rest);
        var state = !upstream.Config.Enabled ? "disabled"
            : rest > TimeSpan.Zero ? "resting"
            : upstream.Circuit.IsOpen || tally.LastFailureAt > (tally.LastAnswerAt ?? DateTimeOffset.MinValue) ? "failing"
            : tally.LastAnswerAt is null ? "unknown"
            : "ok";
        return new UpstreamHealthResponse(
            upstream.Name,
            state,
            Math.Round(rest.TotalSeconds, 1),
            tally.Answers,
            tally.Failures,
            tally.Pings,
            Math.Round(tally.AverageTime.TotalMilliseconds, 1),
            tally.LastAnswerAt,
            tally.LastFailureAt,
            tally.LastFailure?.ToString().ToLowerInvariant(),
            tally.LastFailureMessage);
    }
}
