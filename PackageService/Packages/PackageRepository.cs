namespace Registry.PackageService.Packages;

/// <summary>Who may read the public packages of a repository.</summary>
internal enum ReadAccess
{
    /// <summary>Everyone.</summary>
    Everyone,

    /// <summary>Callers with an account.</summary>
    SignedIn,
}

/// <summary>A name space of packages.</summary>
internal sealed class PackageRepository
{
    public int Id { get; set; }

    public required string Name { get; set; }

    public ReadAccess ReadAccess { get; set; }

    /// <summary>What is not published here is looked up in the upstreams (K15).</summary>
    public bool UsesUpstreams { get; set; }
}
