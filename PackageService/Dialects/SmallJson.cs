using System.Text.Json;

using Registry.ServiceDefaults;

namespace Registry.PackageService.Dialects;

/// <summary>Bodies of a few members, whatever their content type says: npm's clients differ. On DELETE too.</summary>
internal static class SmallJson
{
    private const int MaxBytes = 64 * 1024;

    /// <summary>Reads the body; null when it is larger than 64 KiB or not JSON of this shape.</summary>
    public static async Task<T?> ReadAsync<T>(HttpRequest request, CancellationToken cancellationToken)
        where T : class
    {
        var body = await RequestBody.ReadAsync(request, MaxBytes, cancellationToken);
        try
        {
            return body.Refusal is null ? JsonSerializer.Deserialize<T>(body.Bytes.Span, RegistryJson.Options) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
