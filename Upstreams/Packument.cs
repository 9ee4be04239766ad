namespace Registry.Upstreams;

/// <summary>A packument as a registry sent it, or as it was put together from what the registry says.</summary>
/// <param name="Json">UTF-8 JSON in npm's form; <c>dist.tarball</c> is absolute or relative to the base URL.</param>
/// <param name="ETag">The validator to ask with next time, quotes included; null when the registry gives none.</param>
/// <param name="LastModified">The other validator.</param>
public sealed record Packument(ReadOnlyMemory<byte> Json, string? ETag, DateTimeOffset? LastModified);

/// <summary>A question for a packument.</summary>
public sealed record PackumentQuery
{
    /// <summary>The package's full name.</summary>
    public required string Name { get; init; }

    /// <summary>Only what installing needs; a registry may answer with more.</summary>
    public bool Abbreviated { get; init; }

    /// <summary>What was answered last time: validators for a conditional request. Its JSON is needed only where <see cref="Types.PackageRegistry.MakesPackuments"/>.</summary>
    public Packument? Known { get; init; }
}

/// <summary>What a registry answers when it is asked for a packument.</summary>
public abstract record PackumentAnswer
{
    private PackumentAnswer()
    {
    }

    /// <summary>It has no such package.</summary>
    public sealed record NotFound : PackumentAnswer;

    /// <summary>What is known is what it has.</summary>
    public sealed record NotModified : PackumentAnswer;

    /// <summary>The packument.</summary>
    /// <param name="Packument">It.</param>
    public sealed record Found(Packument Packument) : PackumentAnswer;
}
