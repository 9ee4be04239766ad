namespace Registry.PackageService.Data;

/// <summary>A known weakness of some versions of a package. Advisories speak of names, whoever publishes them and wherever.</summary>
internal sealed class AdvisoryRow
{
    /// <summary>What clients know it by; its source gives the number.</summary>
    public long Id { get; set; }

    /// <summary>The package's full name.</summary>
    public required string Package { get; set; }

    public required string Title { get; set; }

    /// <summary>Where people read more.</summary>
    public required string Url { get; set; }

    /// <summary><c>info</c>, <c>low</c>, <c>moderate</c>, <c>high</c> or <c>critical</c>.</summary>
    public required string Severity { get; set; }

    /// <summary>The range of versions that have it.</summary>
    public required string VulnerableVersions { get; set; }

    /// <summary>The range of versions that do not have it any more; null when there are none.</summary>
    public string? PatchedVersions { get; set; }

    /// <summary>The kinds of weakness, as <c>CWE-79</c>.</summary>
    public string[] Cwe { get; set; } = [];

    /// <summary>From 0 to 10.</summary>
    public double? CvssScore { get; set; }

    public string? CvssVector { get; set; }

    public string? Overview { get; set; }

    public string? Recommendation { get; set; }

    /// <summary>Who may know, as npm's registry says it: <c>public</c>.</summary>
    public string Access { get; set; } = "public";

    public DateTimeOffset PublishedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>It was a mistake since then: it stays for the record and is told to nobody.</summary>
    public DateTimeOffset? WithdrawnAt { get; set; }

    /// <summary>Who says so: <c>local</c>, or the feed it came from.</summary>
    public string Source { get; set; } = "local";
}
