using System.Text.Json;
using System.Text.Json.Serialization;

namespace Registry.ServiceDefaults;

/// <summary>How our own records look as JSON: camel case, enums as camel-case words, unknown members ignored.</summary>
public static class RegistryJson
{
    /// <summary>The options every service and client uses for its own records.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>Applies the same rules to options made elsewhere.</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        Configure(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
