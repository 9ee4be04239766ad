namespace Registry.Gateway;

/// <summary>What the Gateway can be told. Read and validated as a whole when it starts; every fault is named at once.</summary>
public sealed class GatewayOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Gateway";

    /// <summary>Ports to listen on, by name. None configured: <c>web</c> 8080, <c>npm</c> 3000, <c>loft</c> 3030, on loopback.</summary>
    public Dictionary<string, ListenerOptions> Listeners { get; init; } = new(StringComparer.Ordinal);

    /// <summary>What is served where, by name. None configured: the mounts of the architecture page, on the listeners that exist.</summary>
    public Dictionary<string, MountOptions> Mounts { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Addresses or CIDR ranges of proxies in front whose <c>X-Forwarded-For/-Proto/-Host/-Prefix</c> are believed.</summary>
    public List<string> TrustedProxies { get; init; } = [];

    /// <summary>Headers a credential may come in beside <c>Authorization</c>, first match wins. None configured: <c>X-API-Key</c>.</summary>
    public List<string> CredentialHeaders { get; init; } = [];

    /// <summary>The certificate of all listeners; none configured: clear text.</summary>
    public TlsOptions Tls { get; init; } = new();

    /// <summary>Memory for public packuments and small tarballs, in bytes; 0 keeps none.</summary>
    public long CacheBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>StorageService's folder (<c>Storage:Path</c>), where the Gateway has it too: it sends large files from there itself. None: never.</summary>
    public string? BlobFolder { get; init; }
}

/// <summary>Where the certificate is. Both files are read again when they change.</summary>
public sealed class TlsOptions
{
    /// <summary>PEM file of the certificate, followed by those that lead to its root.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>PEM file of its private key, without a password.</summary>
    public string? KeyFile { get; init; }
}

/// <summary>One listener.</summary>
public sealed class ListenerOptions
{
    /// <summary>Where it listens: <c>http://{address|localhost|*}:{port}</c>, several separated by <c>;</c>. With a certificate <c>https://</c>.</summary>
    public string Address { get; init; } = "";

    /// <summary>The URL clients reach it under, when it differs from the address: prefix of absolute links of its mounts.</summary>
    public string? PublicUrl { get; init; }
}

/// <summary>One mount: requests of a listener, below a host and path prefix, are of one dialect and repository.</summary>
public sealed class MountOptions
{
    /// <summary>Name of the listener.</summary>
    public string Listener { get; init; } = "";

    /// <summary>Host name it answers to; null for any.</summary>
    public string? Host { get; init; }

    /// <summary>Path prefix, beginning and ending with a slash; a segment <c>{repository}</c> names the repository.</summary>
    public string Prefix { get; init; } = "/";

    /// <summary>One of <see cref="Contracts.Http.Dialects"/>.</summary>
    public string Dialect { get; init; } = "";

    /// <summary>The repository it serves; must be absent when the prefix names it, <c>main</c> when absent otherwise.</summary>
    public string? Repository { get; init; }

    /// <summary>The URL clients reach it under; absent: the listener's public URL and the prefix, or what the request says.</summary>
    public string? PublicUrl { get; init; }

    /// <summary>What is not published there is asked of the upstreams; absent: yes, but never for loft, which has none.</summary>
    public bool? Upstreams { get; init; }
}
