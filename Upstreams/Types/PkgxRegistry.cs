using System.Runtime.InteropServices;
using System.Text;

namespace Registry.Upstreams.Types;

/// <summary>
/// pkgx's distribution server (M07, M08): <c>{project}/{os}/{arch}/versions.txt</c> and <c>…/v{version}.tar.xz</c> for the machine this
/// runs on, or another. It has no search, describes nothing but versions and has no packuments: its packages are no npm packages.
/// </summary>
public sealed class PkgxRegistry : PackageRegistry
{
    private readonly string _platform;

    /// <summary>Makes one.</summary>
    /// <param name="config">Where it is.</param>
    /// <param name="handler">What carries its requests, without following redirects; null for connections of its own.</param>
    /// <param name="clock">The clock; null for the system's.</param>
    /// <param name="platform"><c>{os}/{arch}</c> as pkgx writes it, for example <c>linux/x86-64</c>; null for this machine's.</param>
    /// <exception cref="ArgumentException">The configuration cannot be used.</exception>
    public PkgxRegistry(RegistryConfig config, HttpMessageHandler? handler = null, TimeProvider? clock = null, string? platform = null)
        : base(config, handler, clock) => _platform = platform ?? ThisMachine();

    /// <inheritdoc/>
    public override bool MakesPackuments => false;

    /// <inheritdoc/>
    public override async Task<PackageMetadata?> FetchMetadataAsync(string name, string? version = null, CancellationToken cancellationToken = default)
    {
        CheckVersion(version);
        var versions = await ListVersionsAsync(name, cancellationToken);
        var found = version is null ? versions is [.., var last] ? last : null : versions?.FirstOrDefault(known => known == version);
        return found is null
            ? null
            : new PackageMetadata { Name = name, Version = found, TarballUrl = Client.Resolve($"{PathOf(name)}/v{Segment(found)}.tar.xz") };
    }

    /// <summary>Nothing: the server has no search.</summary>
    public override Task<IReadOnlyList<PackageMetadata>> SearchAsync(string query, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<PackageMetadata>>([]);

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<string>?> ListVersionsAsync(string name, CancellationToken cancellationToken = default)
    {
        CheckName(name);
        var list = await Client.FindBytesAsync($"{PathOf(name)}/versions.txt", "text/plain", cancellationToken);
        if (list is null)
        {
            return null;
        }

        var versions = Encoding.UTF8.GetString(list.Value.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return versions.All(IsVersion) ? versions : throw Client.Bad($"answered for '{name}' with something that is no list of versions");
    }

    /// <summary>None: its packages are no npm packages, and nothing makes them any.</summary>
    public override Task<PackumentAnswer> FetchPackumentAsync(PackumentQuery query, CancellationToken cancellationToken = default) =>
        Task.FromResult<PackumentAnswer>(new PackumentAnswer.NotFound());

    private string PathOf(string name) => $"{string.Join('/', name.Split('/').Select(Segment))}/{_platform}";

    private static bool IsVersion(string line) =>
        line.Length <= 256 && line.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' or '+' or '~');

    private static string ThisMachine()
    {
        var system = OperatingSystem.IsMacOS() ? "darwin" : OperatingSystem.IsWindows() ? "windows" : "linux";
        return $"{system}/{(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "aarch64" : "x86-64")}";
    }
}
