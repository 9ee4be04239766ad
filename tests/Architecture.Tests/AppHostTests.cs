using System.Collections;
using System.Reflection;
using System.Text.RegularExpressions;

using Registry.Gateway;

namespace Registry.Architecture.Tests;

/// <summary>
/// AppHost is built where Aspire's packages are, not here, so its text is compared with what the services read: a name
/// that differs would show only when somebody runs it.
/// </summary>
public sealed partial class AppHostTests
{
    private static readonly string Text = Repository.Read("AppHost/AppHost.cs");

    /// <summary>Statements by the service they declare.</summary>
    private static readonly Dictionary<string, string> Declarations = StatementEnd().Split(Text)
        .Select(statement => (statement, match: Declaration().Match(statement)))
        .Where(found => found.match.Success)
        .ToDictionary(found => found.match.Groups["project"].Value, found => found.statement, StringComparer.Ordinal);

    public static TheoryData<string> Services => [.. Repository.Services.Keys];

    [Theory]
    [MemberData(nameof(Services))]
    public void Each_service_is_declared_under_the_name_it_calls_itself(string project) =>
        Declaration().Match(Declarations[project]).Groups["name"].Value.ShouldBe(ServiceFacts.NameOf(project));

    [Fact]
    public void Nothing_is_declared_that_is_not_a_service() => Declarations.Keys.ShouldBe(Repository.Services.Keys, ignoreOrder: true);

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_with_tables_gets_its_database_and_is_migrated_first(string project)
    {
        var hasDatabase = Repository.Read($"{project}/{project}.csproj").Contains("Npgsql.EntityFrameworkCore.PostgreSQL", StringComparison.Ordinal);

        Declarations[project].Contains("WithDatabase<", StringComparison.Ordinal).ShouldBe(hasDatabase);
        Repository.Read($"{project}/Program.cs").Contains("\"migrate\"", StringComparison.Ordinal).ShouldBe(hasDatabase);
        ServiceFacts.ConnectionNamesReadBy(project).Except(["rabbitmq", "s3", "elasticsearch"]).ShouldBe(hasDatabase ? [ServiceFacts.NameOf(project)] : []);
    }

    [Fact]
    public void A_database_is_named_passed_and_migrated_under_the_services_name()
    {
        var body = Text[Text.IndexOf("WithDatabase<TProject>(string name)", StringComparison.Ordinal)..];

        body.ShouldContain("databaseName: name");
        body.ShouldContain(";Database={name}");
        body.ShouldContain(".WithArgs(\"migrate\")");
        Regex.Count(body, @"\.WithReference\(database, connectionName: name\)").ShouldBe(2);
        body.ShouldContain(".WaitForCompletion(migrate)");
    }

    [Fact]
    public void The_broker_is_passed_under_the_name_that_messaging_reads()
    {
        ServiceFacts.ConnectionNamesReadBy("Messaging").ShouldBe(["rabbitmq"]);
        Text.ShouldContain("Configured(\"rabbitmq\")");
        Text.ShouldContain("AddRabbitMQ(\"rabbitmq\"");
    }

    [Fact]
    public void The_object_store_is_passed_under_the_name_that_StorageService_reads()
    {
        ServiceFacts.ConnectionNamesReadBy("StorageService").ShouldBe(["s3"]);
        Declarations["StorageService"].ShouldContain(".WithReference(s3).WaitFor(s3)");
    }

    [Theory]
    [InlineData("postgres", "AddPostgres")]
    [InlineData("rabbitmq", "AddRabbitMQ")]
    [InlineData("s3", "AddConnectionString")]
    [InlineData("elasticsearch", "AddElasticsearch")]
    public void A_configured_connection_string_replaces_its_container(string name, string added)
    {
        Text.ShouldContain($"Configured(\"{name}\")");
        Text.ShouldContain($"{added}(\"{name}\"");
    }

    [Fact]
    public void Every_variable_is_an_option_of_some_service()
    {
        var variables = Variable().Matches(Text).Select(match => match.Groups[1].Value).Distinct().ToList();

        variables.ShouldNotBeEmpty();
        variables
            .Where(variable => variable.Contains("__", StringComparison.Ordinal))
            .Where(variable => !OptionsReflection.Knows(variable.Replace("__", ":", StringComparison.Ordinal)))
            .ShouldBeEmpty();
    }

    [Fact]
    public void The_gateway_listens_where_it_does_by_itself()
    {
        var listeners = Regex.Matches(Declarations["Gateway"], "\"Gateway__Listeners__(\\w+)__Address\", \\$\"http://{bind}:(\\d+)\"")
            .Select(match => (match.Groups[1].Value, Address: $"http://127.0.0.1:{match.Groups[2].Value}"));
        var defaults = ((IEnumerable)typeof(GatewayApp).Assembly.GetTypes().Single(type => type.Name == "DefaultMounts")
            .GetMethod("Listeners", BindingFlags.Static | BindingFlags.Public)!.Invoke(null, ["http"])!).Cast<object>()
            .Select(pair => ((string)Member(pair, "Key"), (string)Member(Member(pair, "Value"), "Address")));

        listeners.ShouldBe(defaults, ignoreOrder: true);
        foreach (var (_, address) in listeners)
        {
            var port = new Uri(address).Port;
            Declarations["Gateway"].ShouldContain($"port: {port}, targetPort: {port}");
        }
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_is_given_the_address_of_each_service_it_calls(string project)
    {
        foreach (var service in ServiceFacts.CalledBy(project))
        {
            Declarations[project].ShouldContain($".WithReference({service})", customMessage: $"{project} calls {service}");
        }
    }

    [Fact]
    public void Nothing_starts_before_what_it_needs_is_healthy()
    {
        Text.Split('\n')
            .Where(line => line.Contains(".WithReference(", StringComparison.Ordinal))
            .Where(line => Regex.Count(line, @"\.WithReference\(") != Regex.Count(line, @"\.WaitFor(Completion)?\("))
            .ShouldBeEmpty("each reference is followed by its wait");
        Regex.Count(Text, @"\.WithProbes\(\)").ShouldBe(2);
        var probes = Repository.Read("AppHost/Deployment.cs");
        probes.ShouldContain("ProbeType.Readiness, \"/health\"");
        probes.ShouldContain("ProbeType.Liveness, \"/alive\"");
    }

    [Fact]
    public void Only_the_gateway_holds_the_private_half_of_its_key()
    {
        Declarations["Gateway"].ShouldContain("\"Assertions__GatewayKey\", gatewayKey)");
        Regex.Count(Text, @"\bgatewayKey\b").ShouldBe(2, "declared once, passed once");
    }

    private static object Member(object of, string name) => of.GetType().GetProperty(name)!.GetValue(of)!;

    [GeneratedRegex(@";(?:\s*//[^\n]*)?\n")]
    private static partial Regex StatementEnd();

    [GeneratedRegex(@"(?:AddProject|Service|WithDatabase)<Projects\.(?<project>\w+)>\(""(?<name>[\w-]+)""\)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\.WithEnvironment\(""(\w+)""")]
    private static partial Regex Variable();
}
