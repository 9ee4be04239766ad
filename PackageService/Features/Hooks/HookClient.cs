using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Registry.PackageService.Features.Hooks;

/// <summary>What became of an attempt to deliver.</summary>
/// <param name="ResponseCode">What the endpoint answered with; null when it did not.</param>
/// <param name="Failure">Why it is none that counts; null when it does.</param>
internal sealed record HookAttempt(int? ResponseCode, string? Failure);

/// <summary>Takes deliveries to their endpoints, of whose answers only the status is read.</summary>
internal sealed class HookClient(HttpClient http)
{
    private const string SignatureHeader = "x-npm-signature";

    /// <summary>Posts a body once.</summary>
    public async Task<HookAttempt> PostAsync(string endpoint, byte[] body, string signature, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation(SignatureHeader, signature);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("registry-hooks", "1.0"));
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return new HookAttempt((int)answer.StatusCode, answer.IsSuccessStatusCode ? null : "The endpoint did not answer with success.");
        }
        catch (HttpRequestException failure)
        {
            return new HookAttempt(null, SentenceOf(failure));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new HookAttempt(null, "The endpoint did not answer in time.");
        }
    }

    /// <summary>Tells no more than what the owner of the hook could find out from outside.</summary>
    private static string SentenceOf(HttpRequestException failure) =>
        failure.InnerException switch
        {
            PrivateAddressException inside => inside.Message,
            SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => "The endpoint's name cannot be resolved.",
            _ when failure.HttpRequestError == HttpRequestError.SecureConnectionError => "The endpoint's certificate is not valid.",
            _ => "The endpoint cannot be reached.",
        };
}
