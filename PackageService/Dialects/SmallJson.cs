using System.Text.Json;

using Registry.ServiceDefaults;

namespace Registry.PackageService.Dialects;

/// <summary>Bodies of a few members, whatever their content type says: npm's clients differ. On DELETE too.</summary>
internal static class SmallJson
{
    private const int MaxBytes = 4096;

    /// <summary>Reads the body; null when it is larger than 4 KiB or not JSON of this shape.</summary>
    public static async Task<T?> ReadAsync<T>(HttpRequest request, CancellationToken cancellationToken)
        where T : class
    {
        var body = new byte[MaxBytes + 1];
        var length = await request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellationToken);
        try
        {
            return length <= MaxBytes ? JsonSerializer.Deserialize<T>(body.AsSpan(0, length), RegistryJson.Options) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
