namespace Registry.Contracts.Http;

/// <summary>Names of the services: in configuration (<c>services:{name}:http:0</c>), assertions, metrics and queues.</summary>
public static class ServiceNames
{
    /// <summary>The public entry.</summary>
    public const string Gateway = "gateway";

    /// <summary>AuthService: accounts and credentials.</summary>
    public const string Auth = "auth";

    /// <summary>PackageService: metadata and publishing.</summary>
    public const string Packages = "packages";

    /// <summary>StorageService: bytes.</summary>
    public const string Storage = "storage";

    /// <summary>SearchService: search.</summary>
    public const string Search = "search";

    /// <summary>Web: the user interface.</summary>
    public const string Web = "web";

    /// <summary>Not a service: the operator's commands, which sign with the services' key.</summary>
    public const string Operator = "operator";
}

/// <summary>The dialects a mount can speak. A service sees the dialect as the first segment of the path it routes on.</summary>
public static class Dialects
{
    /// <summary>The npm registry protocol.</summary>
    public const string Npm = "npm";

    /// <summary>The pantry registry's REST interface.</summary>
    public const string Pantry = "pantry";

    /// <summary>The loft registry's REST interface.</summary>
    public const string Loft = "loft";

    /// <summary>Our own: the web pages, and <c>/api/v1</c>.</summary>
    public const string Native = "native";
}

/// <summary>Headers between our own processes. The Gateway drops every inbound <c>X-Registry-*</c> header and removes these from its answers.</summary>
public static class InternalHeaders
{
    /// <summary>What every such header begins with.</summary>
    public const string Prefix = "X-Registry-";

    /// <summary>Request: the signed <see cref="Http.Assertion"/>.</summary>
    public const string Assertion = "X-Registry-Assertion";

    /// <summary>Response to the Gateway: send the blob with this digest (<c>sha256:{hex}</c>) as the body, under the headers of this response.</summary>
    public const string Blob = "X-Registry-Blob";

    /// <summary>Response to the Gateway: the body is this tarball, <c>{repository}/{name}@{version}</c>, which counts as downloaded when it was sent as a whole.</summary>
    public const string Download = "X-Registry-Download";

    /// <summary>
    /// Response to the Gateway: the package <c>{repository}/{name}</c> is not what it was, or the <see cref="Upstreams"/> are not; forget what
    /// is remembered of it. Several are divided by commas.
    /// </summary>
    public const string Changed = "X-Registry-Changed";

    /// <summary>Response to the Gateway: this public answer of the package <c>{repository}/{name}</c> may be remembered until the package changes.</summary>
    public const string Cacheable = "X-Registry-Cacheable";

    /// <summary>
    /// Response to the Gateway beside <see cref="Cacheable"/>: the answer came from an upstream, may be remembered for so many seconds, and no
    /// longer than the upstreams stay as they are.
    /// </summary>
    public const string CacheableFor = "X-Registry-Cacheable-For";

    /// <summary>
    /// Response to the Gateway beside <see cref="CacheableFor"/>: stands for the upstreams that were asked, as <see cref="Packages.ChangesPage.Upstreams"/>
    /// does. With another value there the answer is not remembered.
    /// </summary>
    public const string CacheableWith = "X-Registry-Cacheable-With";

    /// <summary>The value of <see cref="Changed"/> that stands for everything that came from upstreams.</summary>
    public const string Upstreams = "upstreams";
}
