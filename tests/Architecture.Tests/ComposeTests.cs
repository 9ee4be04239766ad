using System.Text.RegularExpressions;

using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Registry.Architecture.Tests;

/// <summary>Compose is not run here: its names are compared with what the services read.</summary>
public sealed partial class ComposeTests
{
    private const string Aside = "x-";
    private static readonly string[] ReadByTheFramework = ["ASPNETCORE_HTTP_PORTS", "OTEL_EXPORTER_OTLP_ENDPOINT"];

    private static readonly Dictionary<string, Service> Containers = Read();

    public static TheoryData<string> Services => [.. Repository.Services.Keys];

    [Theory]
    [MemberData(nameof(Services))]
    public void Each_service_runs_its_own_image_without_rights(string project)
    {
        var service = Containers[ServiceFacts.NameOf(project)];

        service.Image.ShouldStartWith($"${{IMAGES:-}}registry/{project.ToLowerInvariant()}:");
        service.ReadOnly.ShouldBeTrue();
        service.CapDrop.ShouldBe(["ALL"]);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_is_given_its_connections_and_the_addresses_of_those_it_calls(string project)
    {
        var given = Containers[ServiceFacts.NameOf(project)].Environment.Keys;

        ServiceFacts.ConnectionNamesReadBy(project).Select(name => $"ConnectionStrings__{name}").Except(given).ShouldBeEmpty();
        given.Where(name => name.StartsWith("services__", StringComparison.Ordinal))
            .ShouldBe(ServiceFacts.CalledBy(project).Select(name => $"services__{name}__http__0"), ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_with_tables_waits_for_its_migrations(string project)
    {
        var name = ServiceFacts.NameOf(project);
        var service = Containers[name];
        if (!Repository.Read($"{project}/Program.cs").Contains("\"migrate\"", StringComparison.Ordinal))
        {
            Containers.Keys.ShouldNotContain($"{name}-migrate");
            return;
        }

        var migrate = Containers[$"{name}-migrate"];
        migrate.Image.ShouldBe(service.Image);
        migrate.Command.ShouldBe(["migrate"]);
        migrate.Environment.ShouldBe(service.Environment);
        Repository.Read("deploy/compose.yaml").ShouldContain($"{name}-migrate: {{ condition: service_completed_successfully }}");
        Repository.Read("deploy/compose.yaml").ShouldContain($"CREATE DATABASE {name};");
    }

    [Fact]
    public void Every_variable_is_an_option_of_some_service() =>
        Repository.Services.Keys.SelectMany(project => Containers[ServiceFacts.NameOf(project)].Environment.Keys).Distinct()
            .Where(name => !Named().IsMatch(name))
            .Except(ReadByTheFramework)
            .Where(name => !OptionsReflection.Knows(name.Replace("__", ":", StringComparison.Ordinal)))
            .ShouldBeEmpty();

    [Fact]
    public void Only_the_gateway_holds_the_private_half_of_its_key() =>
        Containers.Where(container => container.Value.Environment.Values.Any(value => value.Contains("${GATEWAY_KEY", StringComparison.Ordinal)))
            .ShouldHaveSingleItem().Key.ShouldBe("gateway");

    private static Dictionary<string, Service> Read()
    {
        var parser = new MergingParser(new Parser(new StringReader(Repository.Read("deploy/compose.yaml"))));
        return new DeserializerBuilder().IgnoreUnmatchedProperties().Build().Deserialize<ComposeFile>(parser).Services
            .Where(service => !service.Key.StartsWith(Aside, StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);
    }

    [GeneratedRegex("^(ConnectionStrings|services)__")]
    private static partial Regex Named();

    private sealed class ComposeFile
    {
        [YamlMember(Alias = "services")]
        public Dictionary<string, Service> Services { get; set; } = [];
    }

    private sealed class Service
    {
        [YamlMember(Alias = "image")]
        public string Image { get; set; } = "";

        [YamlMember(Alias = "command")]
        public List<string> Command { get; set; } = [];

        [YamlMember(Alias = "read_only")]
        public bool ReadOnly { get; set; }

        [YamlMember(Alias = "cap_drop")]
        public List<string> CapDrop { get; set; } = [];

        [YamlMember(Alias = "environment")]
        public Dictionary<string, string> Environment { get; set; } = [];
    }
}
