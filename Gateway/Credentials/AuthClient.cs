using System.Text.Json;

using Registry.Contracts.Http.Auth;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Clients;

namespace Registry.Gateway.Credentials;

/// <summary>Our half of AuthService's internal interface.</summary>
internal sealed class AuthClient(HttpClient http)
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(10);

    /// <summary>Asks who a credential belongs to.</summary>
    /// <exception cref="HttpRequestException">AuthService could not be reached or did not say.</exception>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    public Task<IntrospectResponse> IntrospectAsync(IntrospectRequest request) =>
        AskAsync<IntrospectRequest, IntrospectResponse>(AuthRoutes.Introspect, request, isRepeatable: true);

    /// <summary>Asks about the second factor that a request carries.</summary>
    /// <exception cref="HttpRequestException">AuthService could not be reached or did not say.</exception>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    public Task<SecondFactorResponse> CheckSecondFactorAsync(SecondFactorRequest request) =>
        AskAsync<SecondFactorRequest, SecondFactorResponse>(AuthRoutes.SecondFactor, request, isRepeatable: true);

    /// <summary>Asks for a page on which a second factor can be given.</summary>
    /// <exception cref="HttpRequestException">AuthService could not be reached or did not say.</exception>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    public Task<SecondFactorPageResponse> OpenSecondFactorPageAsync(SecondFactorPageRequest request) =>
        AskAsync<SecondFactorPageRequest, SecondFactorPageResponse>(AuthRoutes.SecondFactorPages, request, isRepeatable: false);

    private async Task<TResponse> AskAsync<TRequest, TResponse>(string route, TRequest request, bool isRepeatable)
    {
        using var deadline = new CancellationTokenSource(AnswerWithin);
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, route) { Content = JsonContent.Create(request, options: RegistryJson.Options) };
            message.Options.Set(ResilienceHandler.Repeatable, isRepeatable);
            using var response = await http.SendAsync(message, deadline.Token);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadFromJsonAsync<TResponse>(RegistryJson.Options, deadline.Token)
                ?? throw new HttpRequestException("AuthService answered with nothing.");
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException("AuthService did not answer in time.", late);
        }
        catch (JsonException unreadable)
        {
            throw new HttpRequestException("AuthService answered with something else.", unreadable);
        }
    }
}
