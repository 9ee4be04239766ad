using System.Net;

using Registry.Contracts.Http.Auth;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Clients;

namespace Registry.PackageService.Auth;

/// <summary>
/// What packages have to know of accounts, scopes and teams. Each question throws <see cref="HttpRequestException"/> when AuthService cannot be
/// reached or refuses, and <see cref="TimeoutException"/> when it does not answer in time.
/// </summary>
internal sealed class AuthClient(HttpClient http)
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(10);

    /// <summary>Asks whether the user may create packages in the scope; the first to ask for an unowned scope claims it.</summary>
    public async Task<ClaimScopeResponse> ClaimScopeAsync(string scope, string userId, CancellationToken cancellationToken) =>
        await PostAsync<ClaimScopeResponse>(AuthRoutes.ClaimScope, new ClaimScopeRequest(scope, userId), cancellationToken) ?? new ClaimScopeResponse(false);

    /// <summary>The accounts with these names, at most <see cref="FindAccountsRequest.MostNames"/>; names without one are left out.</summary>
    public async Task<IReadOnlyList<AccountResponse>> FindAccountsAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        (await PostAsync<FindAccountsResponse>(AuthRoutes.FindAccounts, new FindAccountsRequest(names), cancellationToken))?.Accounts ?? [];

    /// <summary>The organisation a scope is, and the user's role in it; null when it is none.</summary>
    public Task<OrganisationResponse?> FindOrganisationAsync(ScopeName scope, string? userId, CancellationToken cancellationToken) =>
        GetAsync<OrganisationResponse>(
            $"{AuthRoutes.Organisation.Replace("{scope}", scope.Value, StringComparison.Ordinal)}?member={userId}", cancellationToken);

    /// <summary>A team, and the user's role in its organisation; null when there is no such team.</summary>
    public Task<TeamResponse?> FindTeamAsync(TeamName team, string? userId, CancellationToken cancellationToken) =>
        GetAsync<TeamResponse>(
            AuthRoutes.Team.Replace("{scope}", team.Scope.Value, StringComparison.Ordinal).Replace("{team}", team.Name, StringComparison.Ordinal)
                + $"?member={userId}",
            cancellationToken);

    /// <summary>Who is in the teams, at most <see cref="TeamMembersRequest.MostTeams"/> of them.</summary>
    public async Task<IReadOnlyList<TeamMemberResponse>> ListTeamMembersAsync(IReadOnlyList<string> teamIds, CancellationToken cancellationToken) =>
        await PostAsync<List<TeamMemberResponse>>(AuthRoutes.TeamMembers, new TeamMembersRequest(teamIds), cancellationToken) ?? [];

    /// <summary>An account by name; null when there is none.</summary>
    public Task<AccountResponse?> FindAccountAsync(string name, CancellationToken cancellationToken) =>
        GetAsync<AccountResponse>(AuthRoutes.Account.Replace("{name}", Uri.EscapeDataString(name), StringComparison.Ordinal), cancellationToken);

    private async Task<T?> GetAsync<T>(string path, CancellationToken cancellationToken)
        where T : class
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, path);
        return await AskAsync<T>(message, cancellationToken);
    }

    private async Task<T?> PostAsync<T>(string path, object question, CancellationToken cancellationToken)
        where T : class
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = JsonContent.Create(question, question.GetType(), options: RegistryJson.Options),
        };
        message.Options.Set(ResilienceHandler.Repeatable, true); // a scope claimed twice by one user is claimed once
        return await AskAsync<T>(message, cancellationToken);
    }

    private async Task<T?> AskAsync<T>(HttpRequestMessage message, CancellationToken cancellationToken)
        where T : class
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AnswerWithin);
        try
        {
            using var response = await http.SendAsync(message, deadline.Token);
            if (message.Method == HttpMethod.Get && response.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }

            response.EnsureSuccessStatusCode();
            return await response.Content.ReadFromJsonAsync<T>(RegistryJson.Options, deadline.Token);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("AuthService did not answer in time.", late);
        }
    }
}
