using Registry.Contracts.Http.Auth;
using Registry.ServiceDefaults;

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
            using var response = await http.PostAsJsonAsync(
                AuthRoutes.ClaimScope, new ClaimScopeRequest(scope, userId), RegistryJson.Options, deadline.Token);
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
