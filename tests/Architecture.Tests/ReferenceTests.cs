using System.Text.Json;
using System.Xml.Linq;

namespace Registry.Architecture.Tests;

/// <summary>Who may know whom: a service knows no other service, and only a few projects are shared.</summary>
public sealed class ReferenceTests
{
    private static readonly string[] Shared = ["Contracts", "Messaging", "ServiceDefaults"];

    public static TheoryData<string> Services => [.. Repository.Services.Keys];

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_references_only_what_is_shared(string service)
    {
        var shared = service == "PackageService" ? [.. Shared, "Upstreams"] : Shared; // it alone asks other registries
        ReferencesOf($"{service}/{service}.csproj").Except(shared).ShouldBeEmpty();

        var compiled = Repository.Services[service].GetReferencedAssemblies().Select(name => name.Name!);
        compiled.Where(name => name.StartsWith("Registry.", StringComparison.Ordinal))
            .Except(shared.Select(name => $"Registry.{name}"))
            .ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Contracts")]
    [InlineData("Upstreams")] // also used alone, outside this repository
    public void What_everybody_may_use_references_nothing(string name)
    {
        var project = Project($"{name}/{name}.csproj");

        project.Descendants().Where(element => element.Name.LocalName.EndsWith("Reference", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void What_is_shared_references_only_what_is_below_it()
    {
        ReferencesOf("ServiceDefaults/ServiceDefaults.csproj").ShouldBe(["Contracts"]);
        ReferencesOf("Messaging/Messaging.csproj").ShouldBe(["Contracts", "ServiceDefaults"]);
    }

    [Fact]
    public void Only_AppHost_knows_Aspire()
    {
        var others = Repository.Projects
            .Where(project => !project.StartsWith("AppHost/", StringComparison.Ordinal))
            .Append("Directory.Packages.props").Append("Directory.Build.props").Append("tests/Directory.Build.props");

        others.Where(file => Repository.Read(file).Contains("\"Aspire", StringComparison.Ordinal)).ShouldBeEmpty();
        Repository.Projects
            .Where(project => ReferencesOf(project).Contains("AppHost"))
            .ShouldBeEmpty();
    }

    [Fact]
    public void Every_project_is_in_the_solution_and_all_but_AppHost_in_the_filter()
    {
        var solution = Repository.Read("Registry.sln").Replace('\\', '/');
        using var filter = JsonDocument.Parse(Repository.Read("Registry.Services.slnf"));
        var filtered = filter.RootElement.GetProperty("solution").GetProperty("projects").EnumerateArray()
            .Select(project => project.GetString()!.Replace('\\', '/'));

        Repository.Projects.Where(project => !solution.Contains($"\"{project}\"", StringComparison.Ordinal)).ShouldBeEmpty();
        filtered.ShouldBe(Repository.Projects.Where(project => project != "AppHost/AppHost.csproj"), ignoreOrder: true);
    }

    [Fact]
    public void Every_project_but_AppHost_locks_its_packages() =>
        Repository.Projects
            .Where(project => project != "AppHost/AppHost.csproj")
            .Select(project => $"{Path.GetDirectoryName(project)}/packages.lock.json")
            .Except(Repository.Files)
            .ShouldBeEmpty();

    [Fact]
    public void A_project_states_no_version_of_its_own() =>
        Repository.Projects
            .Where(project => project != "AppHost/AppHost.csproj")
            .SelectMany(project => Project(project).Descendants("PackageReference").Select(reference => (project, reference)))
            .Where(found => found.reference.Attribute("Version") is not null || found.reference.Attribute("VersionOverride") is not null)
            .Select(found => $"{found.project}: {found.reference.Attribute("Include")?.Value}")
            .ShouldBeEmpty();

    private static XDocument Project(string file) => XDocument.Parse(Repository.Read(file));

    private static List<string> ReferencesOf(string project) =>
    [
        .. Project(project).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')))
            .Order(StringComparer.Ordinal),
    ];
}
