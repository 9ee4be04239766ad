using System.Text.Json;

using Registry.Upstreams.Configuration;

namespace Registry.Upstreams;

/// <summary>One registry: where it is, what it speaks, and its place among the others (M24–M29).</summary>
public sealed record RegistryConfig
{
    /// <summary>The priority of a registry that names none (M27).</summary>
    public const int DefaultPriority = 100;

    /// <summary>What it is called; unique among the registries of a manager, letter case apart.</summary>
    public required string Name { get; init; }

    /// <summary>What it speaks.</summary>
    public required RegistryType Type { get; init; }

    /// <summary>Its base URL: http or https, without credentials, query and fragment.</summary>
    public required Uri Url { get; init; }

    /// <summary>Lower is asked first (M36); private registries 1–10, public ones from 11 on (M50).</summary>
    public int Priority { get; init; } = DefaultPriority;

    /// <summary>Whether it is asked at all (M28).</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>What it is shown to be let in; sent to its own origin only, never to where it redirects.</summary>
    public RegistryAuth Auth { get; init; } = RegistryAuth.None;

    /// <summary>How long a document may take, from connecting to its last byte; of a tarball, how long until it begins and between two of its pieces (P03).</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The HTTP proxy to go through; null for what <c>HTTPS_PROXY</c>, <c>HTTP_PROXY</c> and <c>NO_PROXY</c> say (M65).</summary>
    public Uri? Proxy { get; init; }

    /// <summary>How large a document may be, decompressed, in bytes; packuments of thousands of versions are tens of megabytes.</summary>
    public long MaxDocumentBytes { get; init; } = 128L << 20;

    /// <summary>How large a tarball may be, in bytes.</summary>
    public long MaxTarballBytes { get; init; } = 2L << 30;

    /// <summary>How many connections to it there are at most.</summary>
    public int MaxConnections { get; init; } = 32;

    /// <summary>How long a proxy may rely on what it said.</summary>
    public RegistryCache Cache { get; init; } = new();

    /// <summary>Which packages and versions may come from it.</summary>
    public PackageRules Rules { get; init; } = PackageRules.None;

    /// <summary>
    /// Hosts other than its own that its tarballs may come from (P03): <c>example.test</c>, or all below as <c>*.example.test</c>; null for any
    /// that has a public address and proves who it is. One inside a private network is reached only when it is named and the registry is
    /// inside too. Behind an HTTP proxy addresses cannot be judged.
    /// </summary>
    public IReadOnlyList<string>? TarballHosts
    {
        get;
        init => field = value is null ? null : new TextList(value);
    }

    /// <summary>The npm registry: name <c>npm</c>, priority 20 (M09).</summary>
    public static RegistryConfig Npm(Uri url) => Of("npm", RegistryType.Npm, url, 20);

    /// <summary>pantry's registry: name <c>pantry</c>, priority 10 (M07).</summary>
    public static RegistryConfig Pantry(Uri url) => Of("pantry", RegistryType.Pantry, url, 10);

    /// <summary>GitHub: name <c>github</c>, priority 30 (M15).</summary>
    public static RegistryConfig GitHub(Uri url) => Of("github", RegistryType.GitHub, url, 30);

    /// <summary>pkgx's distribution server: name <c>pkgx</c>, priority 10 (M07).</summary>
    public static RegistryConfig Pkgx(Uri url) => Of("pkgx", RegistryType.Pkgx, url, 10);

    /// <summary>A server that follows pantry's REST convention, at the priority of those that name none (M17).</summary>
    public static RegistryConfig Custom(string name, Uri url) => Of(name, RegistryType.Custom, url, DefaultPriority);

    /// <summary>A line for logs: without what is secret.</summary>
    public override string ToString() =>
        $"{Name} ({Type} at {Url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)}, priority {Priority}, auth {Auth}{(Enabled ? "" : ", disabled")})";

    /// <summary>Reads one entry of a <c>pantry.json</c> by itself. No text of it may hold <c>${</c>: whoever sends it must not read our environment.</summary>
    /// <param name="json">A JSON object with the keys of the format.</param>
    /// <param name="source">What to call it in problems.</param>
    /// <param name="known">The registry it changes: what it says, and nothing else. Its name may be left out then. Null for a new one.</param>
    /// <exception cref="RegistryConfigException">It cannot be used; every problem is named with its key and line.</exception>
    public static RegistryConfig Read(string json, string source, RegistryConfig? known = null) => RegistryConfigReader.ReadOne(json, source, known);

    /// <summary>The entry of a <c>pantry.json</c> that says the same, on one line.</summary>
    /// <param name="includeSecrets">Whether it holds what is secret, to be stored; without, it is there to be shown.</param>
    public string ToJson(bool includeSecrets) => RegistryConfigWriter.Write(this, includeSecrets);

    /// <summary>Writes the entry of a <c>pantry.json</c> that says the same (<see cref="ToJson"/>).</summary>
    public void WriteTo(Utf8JsonWriter writer, bool includeSecrets) => RegistryConfigWriter.Write(writer, this, includeSecrets);

    private static RegistryConfig Of(string name, RegistryType type, Uri url, int priority) =>
        new() { Name = name, Type = type, Url = url, Priority = priority };
}
