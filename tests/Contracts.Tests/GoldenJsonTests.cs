using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

using Registry.Contracts.Events;
using Registry.Contracts.Http;
using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults;

namespace Registry.Contracts.Tests;

/// <summary>
/// The JSON of every record that passes between processes, kept in <c>Golden/</c>. A difference means that services of two
/// releases no longer understand each other: add members (nullable or defaulted), never rename or remove them.
/// </summary>
public sealed class GoldenJsonTests
{
    private static readonly JsonSerializerOptions Indented = new(RegistryJson.Options) { WriteIndented = true, NewLine = "\n" };

    public static TheoryData<string> Records => [.. Samples.All.Select(sample => sample.GetType().Name)];

    [Fact]
    public void Every_record_has_one_sample_and_one_golden_file()
    {
        var records = typeof(Assertion).Assembly.GetExportedTypes()
            .Where(type => type.IsClass && type.GetMethod("<Clone>$") is not null)
            .Select(type => type.Name)
            .Order(StringComparer.Ordinal);

        Samples.All.Select(sample => sample.GetType().Name).Order(StringComparer.Ordinal).ShouldBe(records);
        Directory.GetFiles(GoldenFolder()).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal).ShouldBe(records);
    }

    [Theory]
    [MemberData(nameof(Records))]
    public void A_record_is_written_as_its_golden_file_says(string record)
    {
        var sample = Sample(record);

        JsonSerializer.Serialize(sample, sample.GetType(), Indented).ShouldBe(Golden(record).TrimEnd('\n'));
    }

    [Theory]
    [MemberData(nameof(Records))]
    public void A_golden_file_reads_back_as_the_record(string record)
    {
        var type = Sample(record).GetType();

        var read = JsonSerializer.Deserialize(Golden(record), type, RegistryJson.Options);

        JsonSerializer.Serialize(read, type, Indented).ShouldBe(Golden(record).TrimEnd('\n'));
    }

    [Fact]
    public void A_mount_of_a_gateway_that_does_not_speak_of_upstreams_has_them() =>
        JsonSerializer.Deserialize<MountContext>("""{"name":"npm","dialect":"npm","repository":"main","publicUrl":"http://registry.test","isCanonical":true}""", RegistryJson.Options)!
            .UsesUpstreams.ShouldBeTrue();

    [Theory]
    [InlineData(typeof(Change))]
    [InlineData(typeof(PackageChanged))]
    public void A_kind_of_change_that_a_reader_does_not_know_is_read_as_another_one(Type type)
    {
        var document = JsonNode.Parse(Golden(type.Name))!;
        document["kind"] = "launchedIntoSpace";

        JsonSerializer.SerializeToNode(JsonSerializer.Deserialize(document, type, RegistryJson.Options), type, RegistryJson.Options)!["kind"]!
            .GetValue<string>().ShouldBe("other");
    }

    [Theory]
    [MemberData(nameof(Records))]
    public void Members_a_reader_does_not_know_are_ignored(string record)
    {
        var type = Sample(record).GetType();
        var document = JsonNode.Parse(Golden(record))!;
        AddUnknownMembers(document, type);

        var read = JsonSerializer.Deserialize(document, type, RegistryJson.Options);

        JsonSerializer.Serialize(read, type, Indented).ShouldBe(Golden(record).TrimEnd('\n'));
    }

    [Theory]
    [MemberData(nameof(Records))]
    public void A_record_that_lacks_a_member_it_needs_is_refused(string record)
    {
        var type = Sample(record).GetType();
        foreach (var member in RequiredMembers(type))
        {
            var document = JsonNode.Parse(Golden(record))!.AsObject();
            document.Remove(member).ShouldBeTrue($"{record}.{member} is not in the golden file");

            Should.Throw<JsonException>(() => JsonSerializer.Deserialize(document, type, RegistryJson.Options), $"{record} without {member}");
        }
    }

    [Theory]
    [MemberData(nameof(Records))]
    public void A_record_without_its_nullable_members_is_read(string record)
    {
        var type = Sample(record).GetType();
        var required = RequiredMembers(type);
        var document = JsonNode.Parse(Golden(record))!.AsObject();
        foreach (var member in document.Select(member => member.Key).Except(required).ToList())
        {
            document.Remove(member);
        }

        JsonSerializer.Deserialize(document, type, RegistryJson.Options).ShouldNotBeNull();
    }

    private static object Sample(string record) => Samples.All.Single(sample => sample.GetType().Name == record);

    private static string Golden(string record) => File.ReadAllText(Path.Combine(GoldenFolder(), $"{record}.json"));

    private static string GoldenFolder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Golden");

    /// <summary>Neither nullable nor defaulted, by the compiler's account of the record, not by the serializer's.</summary>
    private static List<string> RequiredMembers(Type type)
    {
        var nullability = new NullabilityInfoContext();
        var byParameter = type.GetConstructors()
            .SelectMany(constructor => constructor.GetParameters())
            .Where(parameter => !parameter.HasDefaultValue && nullability.Create(parameter).ReadState == NullabilityState.NotNull)
            .Select(parameter => JsonName(type.GetProperty(parameter.Name!)!));
        var byKeyword = type.GetProperties()
            .Where(property => property.IsDefined(typeof(RequiredMemberAttribute)))
            .Select(JsonName);
        return [.. byParameter, .. byKeyword];
    }

    private static string JsonName(PropertyInfo property) =>
        property.GetCustomAttribute<System.Text.Json.Serialization.JsonPropertyNameAttribute>()?.Name
        ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    private static void AddUnknownMembers(JsonNode node, Type type)
    {
        switch (node)
        {
            case JsonObject document when !type.IsGenericType: // a dictionary has no unknown members
                foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
                {
                    if (document[JsonName(property)] is { } member)
                    {
                        AddUnknownMembers(member, property.PropertyType);
                    }
                }

                document["fromALaterRelease"] = new JsonObject { ["nested"] = 1 };
                break;
            case JsonArray list when type.IsGenericType:
                foreach (var item in list.OfType<JsonObject>())
                {
                    AddUnknownMembers(item, type.GetGenericArguments()[0]);
                }

                break;
        }
    }
}
