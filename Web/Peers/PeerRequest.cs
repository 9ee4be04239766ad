using System.Net;
using System.Text.Json;

using Registry.Contracts.Http;
using Registry.ServiceDefaults;

namespace Registry.Web.Peers;

/// <summary>One read from another service, on behalf of the user whose page it is for.</summary>
internal static class PeerRequest
{
    /// <summary>A page that takes longer than this is better told to its reader.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Sends the caller's own assertion on, so that the other service decides what this caller may see.</summary>
    public static async Task<Answer<T>> ReadAsync<T>(HttpClient http, string path, HttpContext caller, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add(InternalHeaders.Assertion, (string?)caller.Request.Headers[InternalHeaders.Assertion]);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            using var response = await http.SendAsync(request, limit.Token);
            return response.StatusCode switch
            {
                HttpStatusCode.OK when await response.Content.ReadFromJsonAsync<T>(RegistryJson.Options, limit.Token) is { } value =>
                    new Answer<T>.Found(value),
                HttpStatusCode.NotFound or HttpStatusCode.BadRequest => new Answer<T>.Absent(), // a name no package can have is 400
                _ => new Answer<T>.Unavailable(),
            };
        }
        catch (Exception failure) when (IsUnavailability(failure) && !cancellationToken.IsCancellationRequested)
        {
            return new Answer<T>.Unavailable();
        }
    }

    private static bool IsUnavailability(Exception failure) =>
        failure is HttpRequestException or TimeoutException or OperationCanceledException or JsonException;
}
