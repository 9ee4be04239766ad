using System.Net.Http.Json;
using System.Text.Json;

using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults;

namespace Registry.Messaging.Changes;

/// <summary>Reads the feed of changes from PackageService. Register with <c>AddChangesFollower</c>.</summary>
public sealed class ChangesClient
{
    private const int PageSize = 500;
    private const int LongestPageBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http;

    /// <summary>Over a client whose base address is PackageService's.</summary>
    public ChangesClient(HttpClient http)
    {
        http.MaxResponseContentBufferSize = LongestPageBytes;
        _http = http;
    }

    /// <summary>The page after a position; without one, an empty page at the head.</summary>
    /// <exception cref="HttpRequestException">PackageService is not reachable or did not answer 200.</exception>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    /// <exception cref="InvalidDataException">The answer is not a page.</exception>
    public async Task<ChangesPage> ReadAsync(long? after, CancellationToken cancellationToken)
    {
        var query = after is null ? "" : $"?after={after}&limit={PageSize}";
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(Patience);
        try
        {
            using var response = await _http.GetAsync(new Uri(PackageRoutes.Changes + query, UriKind.Relative), bounded.Token);
            response.EnsureSuccessStatusCode();
            var page = await response.Content.ReadFromJsonAsync<ChangesPage>(RegistryJson.Options, bounded.Token);

            // A page without an epoch must not pass for one of another feed: that would throw away what was derived.
            return page is { Changes: not null } && page.Epoch != Guid.Empty
                ? page
                : throw new InvalidDataException("The answer is not a page of changes.");
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The page of changes did not arrive in time.", late);
        }
        catch (JsonException unreadable)
        {
            throw new InvalidDataException("The page of changes cannot be read.", unreadable);
        }
    }
}
