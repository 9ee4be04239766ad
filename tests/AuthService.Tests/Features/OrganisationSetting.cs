using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

using Registry.AuthService.Accounts;
using Registry.AuthService.Tests.Hosting;
using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;

namespace Registry.AuthService.Tests.Features;

/// <summary>Organisations as their owners make them, for tests of what others may do there.</summary>
internal sealed class OrganisationSetting(AuthHost host)
{
    /// <summary>An account that never logs in: no password has to be hashed for it.</summary>
    public async Task<Caller> NewUserAsync()
    {
        var name = AuthHost.NewName();
        var account = new Account { Id = Guid.CreateVersion7().ToString(), Name = name, FoldedName = FoldedName.Of(name), PasswordHash = "none" };
        await host.WithDatabaseAsync(async db =>
        {
            db.Accounts.Add(account);
            db.Scopes.Add(new OwnedScope { Scope = name, FoldedScope = account.FoldedName, AccountId = account.Id });
            return await db.SaveChangesAsync();
        });
        return new Caller { Credential = CredentialState.Accepted, UserId = account.Id, UserName = name };
    }

    /// <summary>An organisation and its owner.</summary>
    public async Task<(string Scope, Caller Owner)> FoundAsync()
    {
        var (scope, owner) = (AuthHost.NewName("org"), await NewUserAsync());
        (await FoundAsync(scope, owner)).Status.ShouldBe(HttpStatusCode.Created);
        return (scope, owner);
    }

    public Task<Answer> FoundAsync(string scope, Caller? caller) =>
        SendAsync(HttpMethod.Post, "/api/v1/organisations", caller, new { name = scope }, Dialects.Native);

    /// <summary>A new account with a role in the organisation.</summary>
    public async Task<Caller> NewMemberAsync(string scope, Caller owner, string role = "developer")
    {
        var user = await NewUserAsync();
        (await SetAsync(scope, owner, user.UserName!, role)).Status.ShouldBe(HttpStatusCode.Created);
        return user;
    }

    public Task<Answer> SetAsync(string scope, Caller caller, string user, string? role = null) =>
        SendAsync(HttpMethod.Put, $"/-/org/{scope}/user", caller, new { user, role });

    public Task<Answer> RemoveAsync(string scope, Caller caller, string user) =>
        SendAsync(HttpMethod.Delete, $"/-/org/{scope}/user", caller, new { user });

    public Task<Answer> GetAsync(string path, Caller? caller) => SendAsync(HttpMethod.Get, path, caller);

    public async Task<Answer> SendAsync(HttpMethod method, string path, Caller? caller, object? body = null, string dialect = Dialects.Npm)
    {
        using var response = await host.SendAsync(method, path, body, caller, dialect: dialect);
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(response.StatusCode, text);
    }

    public async Task<ClaimScopeResponse> ClaimAsync(string scope, Caller caller)
    {
        using var response = await host.SendInternalAsync(HttpMethod.Post, AuthRoutes.ClaimScope, new ClaimScopeRequest(scope, caller.UserId!));
        return (await response.Content.ReadFromJsonAsync<ClaimScopeResponse>(ServiceDefaults.RegistryJson.Options))!;
    }
}

/// <summary>An answer that was read to its end.</summary>
internal sealed record Answer(HttpStatusCode Status, string Body)
{
    /// <summary>The problem's code; null when it is none.</summary>
    public string? Code =>
        JsonDocument.Parse(Body).RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("code", out var code) ? code.GetString() : null;
}
