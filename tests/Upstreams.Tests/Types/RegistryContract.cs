using System.Security.Cryptography;
using System.Text;

using Registry.Upstreams.Tests.Loopback;
using Registry.Upstreams.Types;

namespace Registry.Upstreams.Tests.Types;

/// <summary>
/// What every type of registry does. A type adds a subclass that serves the package <see cref="Name"/> with the versions 1.0.0 and
/// 1.1.0 on a real loopback server, as that protocol's own servers do.
/// </summary>
public abstract partial class RegistryContract : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("registry-upstreams-");
    private LoopbackServer? _server;

    /// <summary>The package that is there.</summary>
    protected abstract string Name { get; }

    /// <summary>One that is not.</summary>
    protected abstract string Absent { get; }

    /// <summary>The type.</summary>
    protected abstract RegistryType Type { get; }

    /// <summary>Whether the protocol tells what a tarball has to be.</summary>
    protected virtual bool HasChecksums => true;

    /// <summary>Whether the protocol has a search.</summary>
    protected virtual bool HasSearch => true;

    protected LoopbackServer Server => _server!;

    protected static byte[] Tarball(string version) => Encoding.UTF8.GetBytes($"the tarball of {version}, not a real one");

    protected static string Sha256(string version) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Tarball(version)))}";

    protected abstract void Serve(LoopbackServer server);

    public async ValueTask InitializeAsync()
    {
        _server = await LoopbackServer.StartAsync();
        Serve(_server);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_latest_and_a_named_version_are_found()
    {
        using var registry = Open();

        (await registry.FetchMetadataAsync(Name)).ShouldNotBeNull().Version.ShouldBe("1.1.0");
        var found = (await registry.FetchMetadataAsync(Name, "1.0.0")).ShouldNotBeNull();

        found.Name.ShouldBe(Name);
        found.Version.ShouldBe("1.0.0");
        found.TarballUrl.ShouldNotBeNull();
    }

    [Fact]
    public async Task What_is_not_there_is_absent_and_no_failure()
    {
        using var registry = Open();

        (await registry.FetchMetadataAsync(Absent)).ShouldBeNull();
        (await registry.FetchMetadataAsync(Name, "9.9.9")).ShouldBeNull();
        (await registry.ListVersionsAsync(Absent)).ShouldBeNull();
        (await registry.DownloadTarballAsync(Name, "9.9.9", Path("absent.tgz"))).ShouldBeFalse();
        _folder.GetFiles().ShouldBeEmpty();
    }

    [Fact]
    public async Task Versions_are_listed()
    {
        using var registry = Open();

        (await registry.ListVersionsAsync(Name)).ShouldBe(["1.0.0", "1.1.0"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_search_finds_it_where_there_is_one()
    {
        using var registry = Open();

        var found = await registry.SearchAsync("hello & more");

        found.Select(package => package.Name).ShouldBe(HasSearch ? [Name] : []);
    }

    [Fact]
    public async Task A_tarball_is_written_whole_and_replaces_what_was_there()
    {
        using var registry = Open();
        await File.WriteAllTextAsync(Path("it.tgz"), "something older and longer than what comes now, so that a remainder would be seen");

        (await registry.DownloadTarballAsync(Name, "1.0.0", Path("it.tgz"))).ShouldBeTrue();

        (await File.ReadAllBytesAsync(Path("it.tgz"))).ShouldBe(Tarball("1.0.0"));
        _folder.GetFiles().Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../admin")]
    [InlineData("a/../../b")]
    [InlineData("a\0b")]
    public async Task A_name_that_leads_elsewhere_is_never_asked_for(string name)
    {
        using var registry = Open();

        await Should.ThrowAsync<ArgumentException>(() => registry.FetchMetadataAsync(name));
        await Should.ThrowAsync<ArgumentException>(() => registry.FetchMetadataAsync(Name, $"../{name}"));
        await Should.ThrowAsync<ArgumentException>(() => registry.ListVersionsAsync(name));
        Server.Requests.ShouldBeEmpty();
    }

    protected PackageRegistry Open() => Open(Server.Url);

    protected PackageRegistry Open(Uri url, int timeoutSeconds = 30) =>
        RegistryManager.Create(RegistryConfig.Custom("tested", url) with
        {
            Type = Type,
            Timeout = TimeSpan.FromSeconds(timeoutSeconds),
            MaxDocumentBytes = 1 << 20,
        });

    private string Path(string file) => System.IO.Path.Combine(_folder.FullName, file);
}
