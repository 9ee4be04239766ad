using System.Text.Json.Serialization;

namespace Registry.Contracts.Http.Search;

/// <summary>Paths of SearchService's internal endpoints, and what they answer.</summary>
public static class IndexRoutes
{
    /// <summary>POST begins a rebuild unless one goes on; GET says how far it is. Both → <see cref="RebuildResponse"/>.</summary>
    public const string Rebuild = "/internal/search/rebuild";

    /// <summary>POST compares the index in use with the packages → <see cref="VerifyResponse"/>.</summary>
    public const string Verify = "/internal/search/verify";
}

/// <summary>A rebuild: a new index is filled beside the one in use, compared with the packages, and takes its place when it is equal.</summary>
/// <param name="Engine"><c>elasticsearch</c> or <c>postgresql</c>.</param>
/// <param name="Phase"><c>none</c>, <c>filling</c>, <c>comparing</c>, <c>done</c> or <c>failed</c>.</param>
/// <param name="Message">Why it failed, or what it waits for.</param>
/// <param name="StartedAt">When it began, UTC.</param>
/// <param name="EndedAt">When it ended, UTC.</param>
/// <param name="Position">How far in the feed the new index is; 0 when there is none.</param>
/// <param name="Head">The feed's last position, as far as it is known.</param>
public sealed record RebuildResponse(
    string Engine, string Phase, string? Message, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, long Position, long Head)
{
    /// <summary>True while it goes on.</summary>
    [JsonIgnore]
    public bool IsRunning => Phase is "filling" or "comparing";
}

/// <summary>What came of comparing an index with the packages.</summary>
/// <param name="Engine"><c>elasticsearch</c> or <c>postgresql</c>.</param>
/// <param name="Position">The position of the feed at which they were compared.</param>
/// <param name="Packages">How many packages were compared, removed ones too.</param>
/// <param name="NotCompared">How many were left out: they changed meanwhile, or their documents were refused.</param>
/// <param name="Equal">The index has exactly the packages in their revisions.</param>
/// <param name="Differences">At most 20 of those that differ.</param>
public sealed record VerifyResponse(
    string Engine, long Position, long Packages, int NotCompared, bool Equal, IReadOnlyList<RevisionDifference> Differences);

/// <summary>A package whose revision in the index is not the one it has.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Package">The full name.</param>
/// <param name="Indexed">The revision in the index; null when it is not there.</param>
/// <param name="Published">The revision it has; null when there never was such a package.</param>
public sealed record RevisionDifference(string Repository, string Package, long? Indexed, long? Published);
