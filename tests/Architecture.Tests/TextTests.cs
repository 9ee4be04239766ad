namespace Registry.Architecture.Tests;

/// <summary>What every file of the repository has in common.</summary>
public sealed class TextTests
{
    /// <summary>
    /// Hosts of public package registries and of the mirrors people name instead, in parts so that this file names none:
    /// where packages come from is configured, never built in.
    /// </summary>
    private static readonly string[] RegistryHosts =
    [
        "npmjs" + ".org", "npmjs" + ".com", "npmjs" + ".help", "yarnpkg" + ".com", "npmmirror" + ".com", "cnpmjs" + ".org",
        "jsr" + ".io", "npm.pkg." + "github", "unpkg" + ".com", "jsdelivr" + ".net", "esm" + ".sh", "nuget" + ".org",
        "pypi" + ".org", "rubygems" + ".org", "crates" + ".io", "packagist" + ".org", "proxy.golang" + ".org", "pkgx" + ".sh", "pkgx" + ".dev",
    ];

    [Fact]
    public void No_public_registry_is_named() =>
        (from file in Repository.TextFiles
         let text = Repository.Read(file)
         from host in RegistryHosts
         where text.Contains(host, StringComparison.OrdinalIgnoreCase)
         select $"{file} names {host}")
        .ShouldBeEmpty();

    [Fact]
    public void Lines_end_with_a_line_feed() =>
        Repository.TextFiles.Where(file => Repository.Read(file).Contains('\r', StringComparison.Ordinal)).ShouldBeEmpty();

    [Fact]
    public void Files_end_with_a_line_feed() =>
        Repository.TextFiles
            .Where(file => !file.EndsWith("packages.lock.json", StringComparison.Ordinal)) // written by the restore, without one
            .Where(file => Repository.Read(file) is { Length: > 0 } text && !text.EndsWith('\n'))
            .ShouldBeEmpty();

    [Fact]
    public void Files_begin_without_a_byte_order_mark() =>
        Repository.TextFiles
            .Where(file => file is not "Registry.sln") // written with one by dotnet sln
            .Where(file => File.ReadAllBytes(Path.Combine(Repository.Root, file)).AsSpan().StartsWith("\uFEFF"u8))
            .ShouldBeEmpty();

    [Fact]
    public void Scripts_and_only_scripts_are_executable()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "file modes exist on Unix only");

        var scripts = Repository.TextFiles.Where(file => Repository.Read(file).StartsWith("#!", StringComparison.Ordinal));

        Repository.Files.Where(IsExecutable).ShouldBe(scripts, ignoreOrder: true);
    }

    private static bool IsExecutable(string file) =>
        !OperatingSystem.IsWindows() && File.GetUnixFileMode(Path.Combine(Repository.Root, file)).HasFlag(UnixFileMode.UserExecute);
}
