using NpgsqlTypes;

namespace Registry.SearchService.Data;

/// <summary>A package's document in the index, or the mark a removed package leaves. Table <c>documents</c>.</summary>
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

    /// <summary>The terms: of the name with weight A, of the keywords B, of the description C.</summary>
    public required NpgsqlTsVector Terms { get; set; }

    /// <summary>The document as JSON, as text: jsonb refuses characters a description may contain.</summary>
    public required string Document { get; set; }
}

/// <summary>A term some name has or had, with its remainders, to find what a mistyped term means. Table <c>name_terms</c>.</summary>
internal sealed class NameTermRow
{
    public required string Term { get; set; }

    public required string[] Remainders { get; set; }
}

/// <summary>Where this service is in a feed. Table <c>positions</c>.</summary>
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
