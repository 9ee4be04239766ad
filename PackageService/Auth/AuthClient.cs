using Registry.Contracts.Http.Auth;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Clients;

namespace Registry.PackageService.Auth;

/// <summary>The part of AuthService that publishing uses.</summary>
internal sealed class AuthClient(HttpClient http)
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(10);

    /// <summary>Asks whether the user may create packages in the scope; the first to ask for an unowned scope claims it.</summary>
    /// <exception cref="HttpRequestException">AuthService could not be reached or refused.</exception>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    public async Task<bool> ClaimScopeAsync(string scope, string userId, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AnswerWithin);
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, AuthRoutes.ClaimScope)
            {
                Content = JsonContent.Create(new ClaimScopeRequest(scope, userId), options: RegistryJson.Options),
            };
            message.Options.Set(ResilienceHandler.Repeatable, true); // a scope claimed twice by one user is claimed once
            using var response = await http.SendAsync(message, deadline.Token);
            response.EnsureSuccessStatusCode();
            var claim = await response.Content.ReadFromJsonAsync<ClaimScopeResponse>(RegistryJson.Options, deadline.Token);
            return claim?.Granted == true;
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("AuthService did not answer in time.", late);
        }
    }
}
