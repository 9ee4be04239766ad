namespace Registry.Upstreams;

/// <summary>The protocol a registry speaks (seed rows M01, M07, M09, M15, M17, M25).</summary>
public enum RegistryType
{
    /// <summary>The npm registry protocol.</summary>
    Npm,

    /// <summary>Any server that follows pantry's REST convention: <c>/packages/{name}</c> and so on (M18–M22).</summary>
    Custom,

    /// <summary>pantry's own registry, which speaks that convention too.</summary>
    Pantry,

    /// <summary>Releases of repositories, over GitHub's REST API.</summary>
    GitHub,

    /// <summary>pkgx's distribution server: bottles per operating system and processor (M08).</summary>
    Pkgx,
}
