using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

using Registry.Contracts.Http;

namespace Registry.ServiceDefaults;

/// <summary>
/// How our own records look as JSON: camel case, enums as camel-case words, nulls left out. A reader ignores members it
/// does not know and refuses a record of Contracts that lacks one which is neither nullable nor defaulted.
/// </summary>
public static class RegistryJson
{
    /// <summary>The options every service and client uses for its own records.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>Applies the same rules to options made elsewhere.</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.TypeInfoResolver =
            (options.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(RequireMembersOfContracts);
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        Configure(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    /// <summary>
    /// The serializer fills a missing constructor parameter with its type's default, so a sender that renamed a member
    /// would go unnoticed as a revision of 0 or a null name. Its own switch for this is too strict: it demands nullable ones as well.
    /// </summary>
    private static void RequireMembersOfContracts(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object || type.Type.Assembly != typeof(Assertion).Assembly)
        {
            return;
        }

        foreach (var property in type.Properties)
        {
            property.IsRequired |= property.AssociatedParameter is { HasDefaultValue: false, IsNullable: false };
        }
    }
}
