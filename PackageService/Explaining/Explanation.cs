using System.Diagnostics;

namespace Registry.PackageService.Explaining;

/// <summary>
/// What was looked at to answer a request, in order, for those who ask why (<c>?explain=1</c>). Nothing is noted for others.
/// </summary>
internal sealed class Explanation
{
    private readonly List<ExplainedStep> _steps = [];

    /// <summary>Somebody wants to know.</summary>
    public bool IsWanted { get; set; }

    /// <summary>What was looked at.</summary>
    public IReadOnlyList<ExplainedStep> Steps => _steps;

    /// <summary>Notes a step that took no time.</summary>
    public void Add(string source, string outcome, string? detail = null)
    {
        if (IsWanted)
        {
            _steps.Add(new ExplainedStep(source, outcome, null, detail, null));
        }
    }

    /// <summary>Begins a step; it is noted when it is disposed.</summary>
    public Step Begin(string source) => new(this, source);

    /// <summary>A step under way.</summary>
    internal sealed class Step(Explanation explanation, string source) : IDisposable
    {
        private readonly long _started = Stopwatch.GetTimestamp();
        private (string Outcome, string? Cache, string? Detail) _end = ("given up", null, null);

        /// <summary>What it brought.</summary>
        public void End(string outcome, string? cache, string? detail) => _end = (outcome, cache, detail);

        public void Dispose()
        {
            if (explanation.IsWanted)
            {
                var took = Math.Round(Stopwatch.GetElapsedTime(_started).TotalMilliseconds, 1);
                explanation._steps.Add(new ExplainedStep(source, _end.Outcome, _end.Cache, _end.Detail, took));
            }
        }
    }
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Source">The repository, or an upstream.</param>
/// <param name="Outcome">What it said.</param>
/// <param name="Cache">Where that came from: <c>fresh</c>, <c>stale</c>, <c>revalidated</c>, <c>fetched</c>.</param>
/// <param name="Detail">Rule or failure.</param>
/// <param name="Milliseconds">How long it took.</param>
internal sealed record ExplainedStep(string Source, string Outcome, string? Cache, string? Detail, double? Milliseconds);
