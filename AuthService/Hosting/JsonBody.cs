using System.Text.Json;

using Microsoft.AspNetCore.Mvc;

using Registry.ServiceDefaults;

namespace Registry.AuthService.Hosting;

/// <summary>Small JSON bodies of public routes, whatever their content type says: npm's clients differ.</summary>
internal static class JsonBody
{
    private const int MaxBytes = 64 * 1024;

    /// <summary>Lets the server refuse (413) a body over 64 KiB.</summary>
    public static TBuilder WithSmallBody<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RequestSizeLimitAttribute(MaxBytes));

    /// <summary>Reads the body; null when it is not JSON of this shape.</summary>
    public static async Task<T?> ReadAsync<T>(HttpRequest request, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(request.Body, RegistryJson.Options, cancellationToken);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
