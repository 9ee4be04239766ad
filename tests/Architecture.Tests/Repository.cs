using System.Reflection;
using System.Runtime.CompilerServices;

using Registry.AuthService;
using Registry.Contracts.Http;
using Registry.Gateway;
using Registry.Messaging;
using Registry.PackageService;
using Registry.SearchService;
using Registry.ServiceDefaults;
using Registry.StorageService;
using Registry.Upstreams;
using Registry.Web;

namespace Registry.Architecture.Tests;

/// <summary>The repository on disk, and the assemblies built from it.</summary>
internal static class Repository
{
    /// <summary>Folders and assemblies of the services, by project.</summary>
    public static IReadOnlyDictionary<string, Assembly> Services { get; } = new Dictionary<string, Assembly>(StringComparer.Ordinal)
    {
        ["AuthService"] = typeof(AuthServiceApp).Assembly,
        ["Gateway"] = typeof(GatewayApp).Assembly,
        ["PackageService"] = typeof(PackageServiceApp).Assembly,
        ["SearchService"] = typeof(SearchServiceApp).Assembly,
        ["StorageService"] = typeof(StorageServiceApp).Assembly,
        ["Web"] = typeof(WebApp).Assembly,
    };

    /// <summary>Everything shipped: the services, what they share, and the host of them all.</summary>
    public static IReadOnlyList<Assembly> Product { get; } =
        [.. Services.Values, typeof(Assertion).Assembly, typeof(Outbox).Assembly, typeof(RegistryJson).Assembly, typeof(RegistryManager).Assembly, Assembly.Load("Registry.Standalone")];

    private static readonly HashSet<string> NotOurs = new(StringComparer.Ordinal)
    {
        ".git", ".vs", ".idea", ".registry", ".cache", "bin", "obj", "node_modules", "TestResults",
    };

    private static readonly HashSet<string> Binary = new(StringComparer.OrdinalIgnoreCase) { ".png", ".ico", ".tgz", ".gz", ".woff2", ".zip" };

    /// <summary>The folder that holds Registry.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Paths of all files, relative to the root, with forward slashes; without what building and running leaves behind.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. FilesBelow(new DirectoryInfo(Root)).Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    /// <summary>Those of <see cref="Files"/> that are text.</summary>
    public static IReadOnlyList<string> TextFiles { get; } = [.. Files.Where(file => !Binary.Contains(Path.GetExtension(file)))];

    /// <summary>The C# files that people write: migrations are generated.</summary>
    public static IReadOnlyList<string> Sources { get; } =
        [.. Files.Where(file => file.EndsWith(".cs", StringComparison.Ordinal) && !file.Contains("/Data/Migrations/", StringComparison.Ordinal))];

    /// <summary>The C# files of what is shipped, AppHost apart.</summary>
    public static IReadOnlyList<string> ProductSources { get; } =
        [.. Sources.Where(file => Product.Any(assembly => file.StartsWith($"{FolderOf(assembly)}/", StringComparison.Ordinal)))];

    public static IReadOnlyList<string> Projects { get; } = [.. Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal))];

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    /// <summary>The folder of a product assembly: its name without <c>Registry.</c></summary>
    public static string FolderOf(Assembly assembly) => assembly.GetName().Name!["Registry.".Length..];

    /// <summary>The types people wrote in an assembly, nested ones included.</summary>
    public static IEnumerable<Type> TypesOf(Assembly assembly) =>
        assembly.GetTypes().Where(type =>
            type.Namespace?.StartsWith("Registry.", StringComparison.Ordinal) == true
            && !type.Name.StartsWith('<')
            && !type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false));

    private static string FindRoot([CallerFilePath] string here = "")
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(here)!);
        while (!File.Exists(Path.Combine(folder.FullName, "Registry.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("No folder above the tests holds Registry.sln.");
        }

        return folder.FullName;
    }

    private static IEnumerable<string> FilesBelow(DirectoryInfo folder) =>
        folder.EnumerateFiles().Where(file => file.Name != ".git" && !file.Name.EndsWith(".user", StringComparison.Ordinal)).Select(file => file.FullName)
            .Concat(folder.EnumerateDirectories().Where(child => !NotOurs.Contains(child.Name)).SelectMany(FilesBelow));
}
