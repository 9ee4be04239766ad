namespace Registry.Contracts.Http.Packages;

/// <summary>What the upstreams have for a search.</summary>
/// <param name="Results">What they found, by priority; nothing that is or was published here.</param>
/// <param name="Failures">Those that failed or were too slow: the results are then a part of what there is.</param>
/// <param name="Asked">What became of each question, by priority.</param>
/// <param name="NoneToAsk">There is no upstream that this repository and caller are searched in, whatever the text.</param>
public sealed record UpstreamSearchResponse(
    IReadOnlyList<UpstreamSearchResult> Results, IReadOnlyList<UpstreamSearchFailure> Failures, IReadOnlyList<UpstreamSearchQuestion>? Asked = null,
    bool NoneToAsk = false);

/// <summary>One package that an upstream found.</summary>
/// <param name="Upstream">The upstream.</param>
/// <param name="Name">Full name.</param>
/// <param name="Version">The version it names.</param>
/// <param name="Description">What the package is for.</param>
/// <param name="Homepage">Its page.</param>
/// <param name="Repository">Where its source is.</param>
/// <param name="License">Its licence.</param>
/// <param name="Keywords">Its keywords; null when the upstream does not say.</param>
public sealed record UpstreamSearchResult(
    string Upstream,
    string Name,
    string Version,
    string? Description,
    string? Homepage,
    string? Repository,
    string? License,
    IReadOnlyList<string>? Keywords = null);

/// <summary>An upstream that did not answer.</summary>
/// <param name="Upstream">Its name.</param>
/// <param name="Message">A sentence without secrets.</param>
public sealed record UpstreamSearchFailure(string Upstream, string Message);

/// <summary>A question to an upstream, for those who want to know why an answer is as it is.</summary>
/// <param name="Upstream">Its name.</param>
/// <param name="Outcome"><c>answered</c>, <c>failed</c>, <c>too slow</c> or <c>not asked</c>.</param>
/// <param name="Cache">Where the answer came from: <c>fresh</c> when it was kept, <c>fetched</c>; null when there is none.</param>
/// <param name="Detail">The failure, or how many packages were found.</param>
/// <param name="Milliseconds">How long it was waited for.</param>
public sealed record UpstreamSearchQuestion(string Upstream, string Outcome, string? Cache, string? Detail, double Milliseconds);
