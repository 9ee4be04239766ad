using NpgsqlTypes;

namespace Registry.SearchService.Data;

/// <summary>A package's document in the index, or the mark a removed package leaves. Tables <c>documents</c> and <c>documents_next</c>.</summary>
internal sealed class DocumentRow
{
    public required string Repository { get; set; }

    public required string Package { get; set; }

    public long Revision { get; set; }

    public bool Removed { get; set; }

    /// <summary>The scope without the <c>@</c>, for token limits.</summary>
    public string? Scope { get; set; }

    /// <summary>The full name as names are compared.</summary>
    public required string NameFolded { get; set; }

    /// <summary>The same without its scope.</summary>
    public required string UnscopedFolded { get; set; }

    /// <summary>How many terms the name has: shorter names come first.</summary>
    public int NameTermCount { get; set; }

    /// <summary>Who may read it.</summary>
    public required string[] Readers { get; set; }

    /// <summary>The terms: of the name with weight A, of the keywords B, of the description C; facets without one.</summary>
    public required NpgsqlTsVector Terms { get; set; }

    /// <summary>The document as JSON, as text: jsonb refuses characters a description may contain.</summary>
    public required string Document { get; set; }
}

/// <summary>A term some name has or had, with its remainders, to find what a mistyped term means. Tables <c>name_terms</c> and <c>name_terms_next</c>.</summary>
internal sealed class NameTermRow
{
    public required string Term { get; set; }

    public required string[] Remainders { get; set; }
}

/// <summary>Where the version before this one is in a feed; not read any more. Table <c>positions</c>, to be dropped with the version after this one.</summary>
internal sealed class PositionRow
{
    public required string Feed { get; set; }

    public Guid Epoch { get; set; }

    public long Position { get; set; }
}

/// <summary>A document that was skipped because it cannot be read or indexed. Table <c>refused</c>; for operators.</summary>
internal sealed class RefusedRow
{
    public required string Repository { get; set; }

    public required string Package { get; set; }

    public long Revision { get; set; }

    public required string Reason { get; set; }

    public DateTimeOffset RefusedAt { get; set; }
}

/// <summary>Which tables of the PostgreSQL index these are. Table <c>table_identities</c>.</summary>
internal sealed class TableIdentityRow
{
    /// <summary><c>live</c> or <c>next</c>.</summary>
    public required string Role { get; set; }

    public Guid Identity { get; set; }
}

/// <summary>An index and where it stands in the feed: everything up to there is in it. Table <c>indexes</c>.</summary>
internal sealed class IndexRow
{
    /// <summary>What the index itself carries; another index never has the same.</summary>
    public Guid Identity { get; set; }

    public required string Engine { get; set; }

    /// <summary>The feed; null before the first page of it.</summary>
    public Guid? Epoch { get; set; }

    public long Position { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>The <see cref="Index.IndexedDocument.Layout"/> of what is in it; 0 before there were any.</summary>
    public int Layout { get; set; }
}

/// <summary>An engine and the last rebuild of its index. Table <c>engines</c>.</summary>
internal sealed class EngineRow
{
    public required string Engine { get; set; }

    /// <summary>How far the last rebuild came: one of <see cref="RebuildPhases"/>.</summary>
    public required string Phase { get; set; }

    /// <summary>The index it builds or built.</summary>
    public Guid? Built { get; set; }

    /// <summary>Why it failed, or what it waits for.</summary>
    public string? Message { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>The process that works on it.</summary>
    public Guid? Worker { get; set; }

    /// <summary>Until when nobody else takes it over.</summary>
    public DateTimeOffset? WorkerUntil { get; set; }
}

/// <summary>How far a rebuild is.</summary>
internal static class RebuildPhases
{
    /// <summary>There never was one.</summary>
    public const string None = "none";

    /// <summary>The new index is filled from the feed.</summary>
    public const string Filling = "filling";

    /// <summary>It has everything and is compared with the packages.</summary>
    public const string Comparing = "comparing";

    /// <summary>It was equal and is in use.</summary>
    public const string Done = "done";

    /// <summary>It differs; the old one stays in use.</summary>
    public const string Failed = "failed";
}
