namespace Registry.Contracts.Http.Packages;

/// <summary>Downloads that a Gateway has counted, each once: a batch that arrives again under its id counts no more.</summary>
/// <param name="Id">Chosen by the Gateway.</param>
/// <param name="Counts">At most <see cref="MostCounts"/>.</param>
public sealed record DownloadBatch(Guid Id, IReadOnlyList<DownloadCount> Counts)
{
    /// <summary>Most counts in a batch.</summary>
    public const int MostCounts = 5000;
}

/// <summary>How often a tarball was sent as a whole on a day.</summary>
/// <param name="Tarball">What <see cref="InternalHeaders.Download"/> said of it: <c>{repository}/{name}@{version}</c>.</param>
/// <param name="Day">The day, UTC.</param>
/// <param name="Count">How often; above 0.</param>
public sealed record DownloadCount(string Tarball, DateOnly Day, long Count);
