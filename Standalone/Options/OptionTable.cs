namespace Registry.Standalone.Options;

/// <summary>
/// Every option an operator can set, in one place: what <c>registry.json</c> may hold and what docs/configuration.md lists
/// (a test compares the two). Values that Standalone itself decides (addresses of services, keys, its databases) are not
/// here: setting them would only break it.
/// </summary>
internal static class OptionTable
{
    private const long MaxBytes = 1L << 40;

    /// <summary>All of them, in the order of the documentation.</summary>
    public static IReadOnlyList<OptionDefinition> All { get; } =
    [
        new("Port", OptionKind.Whole(1, 65533), "8080, 3000 and 3030", "The first of three ports: N for the web pages and the native API, N+1 for npm and pantry, N+2 for loft.", "9000"),
        new("Bind", OptionKind.Bind, "127.0.0.1", "The address the three listeners bind. Anything but loopback makes the registry exposed.", "0.0.0.0"),
        new("PublicUrl", OptionKind.Url, "none", "The URL by which browsers reach the web listener, when it is not the bound address. Makes the registry exposed.", "https://packages.example.test"),
        new("Services", OptionKind.Flag, "false", "Runs every service as a process of its own instead of all in one.", "true"),
        new("Replicas", OptionKind.Whole(1, 10), "1", "How many processes of each service run, but of Web; needs `Services`. Replica k of the Gateway listens at the ports above plus 100·(k-1).", "2"),
        new("RabbitMq:Management", OptionKind.Flag, "false", "Starts RabbitMQ's management interface on a loopback port, which `./registry status` names.", "true"),
        new("ConnectionStrings:postgres", OptionKind.Text, "a private server", "A PostgreSQL server whose user may create roles and databases; no server is started then.", "Host=db.example.test;Username=registry;Password=secret;Database=postgres"),
        new("ConnectionStrings:rabbitmq", OptionKind.Text, "a private server", "A RabbitMQ server; none is started then.", "amqp://registry:secret@broker.example.test:5672"),
        new("ConnectionStrings:auth", OptionKind.Text, "made on the server above", "The database of AuthService, used as it is.", "Host=db.example.test;Username=auth;Password=secret;Database=auth"),
        new("ConnectionStrings:packages", OptionKind.Text, "made on the server above", "The database of PackageService, used as it is.", "Host=db.example.test;Username=packages;Password=secret;Database=packages"),
        new("ConnectionStrings:search", OptionKind.Text, "made on the server above", "The database of SearchService, used as it is.", "Host=db.example.test;Username=search;Password=secret;Database=search"),
        new("ConnectionStrings:s3", OptionKind.Text, "the disk", "An S3 server and the bucket in it that keeps the bytes of packages.", "Endpoint=https://s3.example.test;Bucket=registry;AccessKey=registry;SecretKeyFile=/etc/registry/s3"),
        new("ConnectionStrings:elasticsearch", OptionKind.Text, "none; PostgreSQL searches", "Elasticsearch 8 or 9, or OpenSearch, for the search index; `https` and the user before the host are honoured.", "https://registry:secret@search.example.test:9200"),

        new("Accounts:SignUp", OptionKind.OneOf("open", "invite", "closed"), "open, or invite when exposed", "Who may create an account: anybody, whoever holds an invitation, or nobody. `open` is refused while the registry is exposed.", "invite"),
        new("Accounts:Exposed", OptionKind.Flag, "true beyond loopback or with a public URL", "Says that others than the users of this machine can reach the registry, for instance through a proxy it does not know of.", "true"),
        new("Accounts:PasswordIterations", OptionKind.Whole(100_000, 10_000_000), "210000", "Rounds of PBKDF2 a password is hashed with; older hashes are renewed at the next log-in.", "600000"),
        new("Accounts:ConcurrentHashes", OptionKind.Whole(1, 1024), "one per processor", "How many passwords are checked at once; up to 32 more for each wait.", "2"),
        new("Accounts:MaxTokensPerAccount", OptionKind.Whole(1, 100_000), "500", "Access tokens an account may hold; a log-in beyond it retires the one unused for longest.", "100"),
        new("Accounts:MaxScopesPerAccount", OptionKind.Whole(1, 100_000), "100", "Scopes an account may claim by publishing.", "10"),
        new("Accounts:MaxMembersPerOrganisation", OptionKind.Whole(1, 10_000), "1000", "Members an organisation may have.", "100"),
        new("Accounts:MaxTeamsPerOrganisation", OptionKind.Whole(1, 10_000), "200", "Teams an organisation may have.", "50"),
        new("Accounts:MaxTeamsPerAccount", OptionKind.Whole(1, 200), "100", "Teams an account may be in, one of each of its organisations included.", "20"),
        new("Throttle:FailuresPerAccountAndAddress", OptionKind.Whole(1, 1_000_000), "10", "Failed log-ins for one account from one address within the window; more are answered 429 unchecked.", "5"),
        new("Throttle:FailuresPerAddress", OptionKind.Whole(1, 1_000_000), "100", "Failed log-ins from one address within the window, whatever the account.", "50"),
        new("Throttle:FailureWindow", OptionKind.Span, "00:05:00", "How long failures count.", "00:15:00"),
        new("Throttle:SecondFactorFailures", OptionKind.Whole(1, 1000), "10", "Wrong one-time passwords for one account, from anywhere, within their window.", "5"),
        new("Throttle:SecondFactorWindow", OptionKind.Span, "00:15:00", "How long wrong one-time passwords count.", "01:00:00"),
        new("Throttle:WebSessionsPerAddress", OptionKind.Whole(1, 1_000_000), "60", "Pages for logging in with a browser that one address may open within the window of failures.", "20"),
        new("SecondFactor:Key", OptionKind.Text, "made and kept by Standalone; else none, and nobody can enrol", "A text of at least 24 characters that encrypts what is shared with authenticators: the same for all replicas, and kept, for without it only recovery codes work.", "9f86d081884c7d659a2feaa0c55ad015"),
        new("Throttle:SignUpsPerAddress", OptionKind.Whole(1, 1_000_000), "30", "New accounts from one address within their window.", "5"),
        new("Throttle:SignUpWindow", OptionKind.Span, "01:00:00", "How long sign-ups count.", "12:00:00"),

        new("Publishing:MaxTarballBytes", OptionKind.Whole(1, MaxBytes), "536870912", "The largest tarball that can be published, in bytes.", "104857600"),
        new("Publishing:DefaultScopedAccess", OptionKind.OneOf("restricted", "public"), "restricted", "Who may read a new scoped package that was published without saying so.", "public"),
        new("Publishing:NewNames", OptionKind.OneOf("strict", "legacy"), "strict", "Which names new packages may take: those the npm registry takes, or also those it once took, for packages that come from there.", "legacy"),
        new("Publishing:MaxDocumentBytes", OptionKind.Whole(1024, 1L << 30), "16777216", "The largest publish document without its tarball, or all those of a batch together, in bytes.", "33554432"),
        new("Publishing:MaxBatchBytes", OptionKind.Whole(1024, MaxBytes), "1073741824", "The largest body of a batch of publishes, in bytes.", "268435456"),
        new("Publishing:MaxEntries", OptionKind.Whole(1, 10_000_000), "100000", "The most entries a tarball may have.", "20000"),
        new("Publishing:MaxUnpackedBytes", OptionKind.Whole(1, MaxBytes), "4294967296", "The most bytes a tarball may unpack to.", "1073741824"),
        new("Packuments:CacheBytes", OptionKind.Whole(1_048_576, MaxBytes), "134217728", "Memory for rendered packuments in PackageService, in bytes.", "67108864"),
        new("Packuments:MaxRenderings", OptionKind.Whole(1, 256), "4", "Packuments rendered at once; others wait.", "2"),
        new("Signing:Key", OptionKind.Text, "made once and kept in the database", "The key that versions are signed with: PEM text of a private P-256 key.", "-----BEGIN PRIVATE KEY-----…"),
        new("Outbox:PublishTimeout", OptionKind.Span, "00:00:10", "How long the broker may take to confirm an event before it is tried again later.", "00:00:05"),
        new("Outbox:Lease", OptionKind.Span, "00:00:30", "How long a dispatcher holds the events it is sending; at least twice the time above.", "00:01:00"),
        new("Outbox:PollInterval", OptionKind.Span, "00:00:01", "How often a dispatcher looks for events nobody told it of.", "00:00:05"),
        new("Outbox:LongestBackOff", OptionKind.Span, "00:00:30", "The longest wait before an event that could not be sent is tried again.", "00:01:00"),
        new("Outbox:BatchSize", OptionKind.Whole(1, 1000), "50", "Events a dispatcher takes at a time.", "100"),

        new("Hooks:MaxPerAccount", OptionKind.Whole(0, 10_000), "100", "Hooks an account may have.", "10"),
        new("Hooks:AllowedNetworks", OptionKind.Networks, "none", "Addresses and networks that hooks may lead to although they are not public.", "10.20.0.0/16"),
        new("Hooks:TimeoutSeconds", OptionKind.Whole(1, 50), "10", "How many seconds an endpoint of a hook may take to answer.", "5"),
        new("Hooks:MaxInFlight", OptionKind.Whole(1, 256), "8", "Deliveries to hooks under way at once in a process of PackageService; of them one to a host.", "32"),

        new("Storage:Path", OptionKind.Text, "`blobs` in the data directory", "Where the bytes of packages are kept.", "/srv/registry/blobs"),
        new("Storage:MaxBlobBytes", OptionKind.Whole(1, MaxBytes), "set by StorageService", "The largest blob that is stored, in bytes.", "1073741824"),
        new("Storage:S3:PresignedRedirects", OptionKind.Flag, "false", "Sends anonymous downloads of public packages to S3 itself, with a presigned URL; clients must be able to reach it.", "true"),
        new("Storage:S3:PresignedLifetime", OptionKind.Span, "00:05:00", "How long such a URL works.", "00:01:00"),
        new("Tls:CaFile", OptionKind.Text, "none", "Certificate authorities of your own (PEM), trusted beside the system's for connections to S3, Elasticsearch and services at https addresses.", "/etc/registry/ca.pem"),

        new("Search:Elasticsearch:ApiKey", OptionKind.Text, "none", "An API key for Elasticsearch in its encoded form; wins over the user of the connection string.", "VnVhQ2ZHY0JDZGJrU2VjcmV0"),
        new("Search:Elasticsearch:Prefix", OptionKind.Text, "registry", "What the names of the indexes begin with; each registry on a cluster needs its own.", "registry-staging"),
        new("Search:Elasticsearch:RefreshInterval", OptionKind.Span, "00:00:00.500", "How often Elasticsearch makes what was written findable; a longer time may be over the two seconds until a published package is found.", "00:00:05"),

        new("Upstreams:Enabled", OptionKind.Flag, "true", "Whether packages that are not published here come from upstreams; `--no-upstreams` says false.", "false"),
        new("Upstreams:File", OptionKind.Text, "`pantry.jsonc` or `pantry.json` in the data directory", "The file that names the upstreams; it may be missing. Read again when it changes.", "/etc/registry/pantry.json"),
        new("Upstreams:Url", OptionKind.Upstream, "none", "An npm registry that is the upstream `npm` when the file has none of that name.", "https://upstream.example.test/"),
        new("Upstreams:CacheBytes", OptionKind.Whole(1_048_576, MaxBytes), "21474836480", "The most bytes of upstreams' tarballs that are kept.", "107374182400"),
        new("Upstreams:KeepMinutes", OptionKind.Whole(0, 1440), "10", "How many minutes an upstream's tarball stays at least: longer than a publish of the same bytes takes.", "30"),
        new("Upstreams:MaxIdleDays", OptionKind.Whole(0, 36_500), "0: never", "After how many days without use an upstream's tarballs and packuments leave.", "90"),
        new("Upstreams:SearchMilliseconds", OptionKind.Whole(50, 5000), "700", "How many milliseconds a search waits for an upstream; the answer is without it then.", "1500"),

        new("Gateway:Listeners:{name}:Address", OptionKind.Addresses, "from Bind and Port", "The address a listener binds: `web`, `npm`, `loft`, or one of your own that a mount names.", "http://0.0.0.0:8080"),
        new("Gateway:Listeners:{name}:PublicUrl", OptionKind.Url, "the bound address", "The URL by which clients reach a listener. Makes the registry exposed.", "https://npm.example.test"),
        new("Gateway:Tls:CertificateFile", OptionKind.Text, "none: clear text", "The certificate of all listeners, a PEM file that may hold those leading to its root as well; `--tls-cert`. Read again when it changes.", "/etc/registry/tls/tls.crt"),
        new("Gateway:Tls:KeyFile", OptionKind.Text, "none", "The certificate's private key, a PEM file without a password; `--tls-key`.", "/etc/registry/tls/tls.key"),
        new("Gateway:TrustedProxies", OptionKind.Networks, "none", "Proxies whose forwarded headers are believed.", "10.0.0.0/8"),
        new("Gateway:CredentialHeaders", OptionKind.Headers, "X-API-Key", "Headers that may carry a bare access token, beside Authorization.", "X-Build-Token"),
        new("Gateway:CacheBytes", OptionKind.Whole(0, MaxBytes), "67108864", "Memory for public packuments and small tarballs in the Gateway, in bytes.", "268435456"),
        new("Gateway:BlobFolder", OptionKind.Text, "`Storage:Path`, without S3", "StorageService's folder where the Gateway has it too: large tarballs are sent from there, without StorageService. Empty: never.", "/srv/registry/blobs"),
        new("Gateway:Mounts:{name}:Listener", OptionKind.Text, "required", "The listener a mount belongs to.", "npm"),
        new("Gateway:Mounts:{name}:Host", OptionKind.Text, "any", "The host name a mount answers to.", "npm.example.test"),
        new("Gateway:Mounts:{name}:Prefix", OptionKind.Text, "/", "The path a mount begins at, ending in a slash; `{repository}` as its last segment takes the repository from the path.", "/npm/"),
        new("Gateway:Mounts:{name}:Dialect", OptionKind.OneOf("npm", "pantry", "loft", "native"), "required", "The protocol a mount speaks.", "npm"),
        new("Gateway:Mounts:{name}:Repository", OptionKind.Text, "main", "The repository a mount serves.", "main"),
        new("Gateway:Mounts:{name}:PublicUrl", OptionKind.Url, "the listener's, with the prefix", "The URL by which clients reach a mount. Makes the registry exposed.", "https://npm.example.test"),
        new("Gateway:Mounts:{name}:Upstreams", OptionKind.Flag, "true; false for loft", "Whether packages that are not published in the repository come from upstreams; never for loft.", "false"),

        new("Drain:Delay", OptionKind.Span, "00:00:03", "With `Services`: how long a process that was asked to end goes on serving while its health says that it ends.", "00:00:10"),
        new("Drain:Limit", OptionKind.Span, "00:00:06", "How long requests under way may take after that.", "00:00:30"),

        new("Logging:LogLevel:{category}", OptionKind.OneOf("Trace", "Debug", "Information", "Warning", "Error", "Critical", "None"), "Information; Warning for the framework", "How much a category of events writes to the logs; `Default` is all others.", "Debug"),
    ];

    /// <summary>The option a key names; null when there is none.</summary>
    public static OptionDefinition? Find(string key) => All.FirstOrDefault(option => option.Matches(key));

    /// <summary>True when a key is a section that options lie in.</summary>
    public static bool IsSection(string key) => All.Any(option => option.IsWithin(key));

    /// <summary>The known key that looks most like an unknown one; null when none does.</summary>
    public static string? Nearest(string key)
    {
        var nearest = All
            .Select(option => (option.Key, Distance: Distance(key.ToUpperInvariant(), Filled(option.Key, key).ToUpperInvariant())))
            .MinBy(static candidate => candidate.Distance);
        return nearest.Distance <= Math.Max(3, key.Length / 3) ? nearest.Key : null;
    }

    /// <summary>A pattern with the operator's own names in place of its placeholders.</summary>
    private static string Filled(string pattern, string key)
    {
        var given = key.Split(':');
        return string.Join(':', pattern.Split(':').Select((segment, index) => segment.StartsWith('{') && index < given.Length ? given[index] : segment));
    }

    /// <summary>How many characters must change to make one text the other (Levenshtein).</summary>
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
