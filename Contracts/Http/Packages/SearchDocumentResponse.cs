namespace Registry.Contracts.Http.Packages;

/// <summary>Which packages' search documents are wanted.</summary>
/// <param name="Packages">From 1 to <see cref="Most"/> packages.</param>
public sealed record SearchDocumentsRequest(IReadOnlyList<PackageKey> Packages)
{
    /// <summary>Most packages in one request.</summary>
    public const int Most = 100;
}

/// <summary>Search documents as of one moment.</summary>
/// <param name="Documents">Those of packages that exist or once existed, in no order; a package that never existed has none.</param>
public sealed record SearchDocumentsResponse(IReadOnlyList<SearchDocumentResponse> Documents);

/// <summary>What search knows of a package: everything it matches on, ranks by, shows, and decides readers by.</summary>
public sealed record SearchDocumentResponse
{
    /// <summary>Reader id that stands for everyone.</summary>
    public const string Everyone = "*";

    /// <summary>Reader id that stands for every signed-in user.</summary>
    public const string SignedIn = "signed-in";

    /// <summary>The repository.</summary>
    public required string Repository { get; init; }

    /// <summary>Canonical full name.</summary>
    public required string Package { get; init; }

    /// <summary>The package's revision. A document with a lower revision never replaces one with a higher.</summary>
    public required long Revision { get; init; }

    /// <summary>The package does not exist any more; the members below are empty.</summary>
    public bool Removed { get; init; }

    /// <summary>The version <c>latest</c> names.</summary>
    public string? Version { get; init; }

    /// <summary>The latest version's description.</summary>
    public string? Description { get; init; }

    /// <summary>The latest version's keywords.</summary>
    public IReadOnlyList<string> Keywords { get; init; } = [];

    /// <summary>The latest version's author, as a name.</summary>
    public string? Author { get; init; }

    /// <summary>The latest version's author's e-mail address.</summary>
    public string? AuthorEmail { get; init; }

    /// <summary>The latest version's licence.</summary>
    public string? License { get; init; }

    /// <summary>The latest version's homepage.</summary>
    public string? Homepage { get; init; }

    /// <summary>The latest version's repository as a URL.</summary>
    public string? RepositoryUrl { get; init; }

    /// <summary>Where bugs of the latest version are reported.</summary>
    public string? BugsUrl { get; init; }

    /// <summary>When the latest version was published, UTC.</summary>
    public DateTimeOffset? PublishedAt { get; init; }

    /// <summary>Who published the latest version.</summary>
    public Person? Publisher { get; init; }

    /// <summary>Who may publish.</summary>
    public IReadOnlyList<Person> Maintainers { get; init; } = [];

    /// <summary>Who may read: <see cref="Everyone"/>, <see cref="SignedIn"/>, <c>user:{id}</c>, <c>org:{id}</c>, <c>team:{id}</c>.</summary>
    public IReadOnlyList<string> Readers { get; init; } = [];
}

/// <summary>A user as packages name them.</summary>
/// <param name="Name">The account's name.</param>
/// <param name="Email">The account's e-mail address, when it has one.</param>
public sealed record Person(string Name, string? Email);
