namespace Registry.Contracts.Http.Auth;

/// <summary>Paths of AuthService's internal endpoints.</summary>
public static class AuthRoutes
{
    /// <summary>POST <see cref="IntrospectRequest"/> → <see cref="IntrospectResponse"/>.</summary>
    public const string Introspect = "/internal/introspect";

    /// <summary>POST <see cref="ClaimScopeRequest"/> → <see cref="ClaimScopeResponse"/>.</summary>
    public const string ClaimScope = "/internal/scopes/claim";

    /// <summary>GET <c>?member={user id}</c> → <see cref="OrganisationResponse"/>; 404 when the scope is no organisation.</summary>
    public const string Organisation = "/internal/organisations/{scope}";

    /// <summary>GET <c>?member={user id}</c> → <see cref="TeamResponse"/>; 404 when there is no such team.</summary>
    public const string Team = "/internal/organisations/{scope}/teams/{team}";

    /// <summary>POST <see cref="TeamMembersRequest"/> → list of <see cref="TeamMemberResponse"/> by name.</summary>
    public const string TeamMembers = "/internal/teams/members";

    /// <summary>POST <see cref="FindAccountsRequest"/> → <see cref="FindAccountsResponse"/>.</summary>
    public const string FindAccounts = "/internal/accounts/find";

    /// <summary>GET → <see cref="SetupResponse"/>.</summary>
    public const string Setup = "/internal/setup";

    /// <summary>GET <c>?after={name}</c> → list of <see cref="AccountResponse"/> by name, at most 1000; POST <see cref="CreateAccountRequest"/> → <see cref="CreateAccountResponse"/>.</summary>
    public const string Accounts = "/internal/accounts";

    /// <summary>GET → <see cref="AccountResponse"/>; 404 when no account has the name, or it is disabled.</summary>
    public const string Account = "/internal/accounts/{name}";

    /// <summary>PUT <see cref="SetPasswordRequest"/> → <see cref="SetPasswordResponse"/>; <c>{name}</c> is the account's name.</summary>
    public const string AccountPassword = "/internal/accounts/{name}/password";

    /// <summary>PUT: neither the account's password nor its tokens work any more; DELETE: they work again.</summary>
    public const string AccountDisabled = "/internal/accounts/{name}/disabled";

    /// <summary>DELETE: the account has no second factor any more.</summary>
    public const string AccountSecondFactor = "/internal/accounts/{name}/second-factor";

    /// <summary>POST <see cref="SecondFactorRequest"/> → <see cref="SecondFactorResponse"/>.</summary>
    public const string SecondFactor = "/internal/second-factor";

    /// <summary>POST <see cref="SecondFactorPageRequest"/> → <see cref="SecondFactorPageResponse"/>.</summary>
    public const string SecondFactorPages = "/internal/second-factor/pages";

    /// <summary>POST <see cref="CreateInvitationRequest"/> → <see cref="InvitationResponse"/>.</summary>
    public const string Invitations = "/internal/invitations";

    /// <summary>GET <c>?user={name}</c> → list of the account's <see cref="TokenResponse"/>, newest first, at most 1000, without revoked ones; POST <see cref="CreateTokenRequest"/> → <see cref="CreateTokenResponse"/>.</summary>
    public const string Tokens = "/internal/tokens";

    /// <summary>DELETE: revokes the token with this id.</summary>
    public const string Token = "/internal/tokens/{id}";
}

/// <summary>Whether the registry has its first administrator yet.</summary>
/// <param name="HasAdministrator">When false, the set-up token makes one.</param>
/// <param name="SignUp">The sign-up rule in force: open, invite or closed.</param>
public sealed record SetupResponse(bool HasAdministrator, string SignUp);

/// <summary>Claims an unowned scope for a user, or asks whether the user may create packages in it.</summary>
/// <param name="Scope">The scope without the <c>@</c>.</param>
/// <param name="UserId">Who wants to publish into it.</param>
public sealed record ClaimScopeRequest(string Scope, string UserId);

/// <summary>The answer to <see cref="ClaimScopeRequest"/>.</summary>
/// <param name="Granted">The user owns the scope (perhaps as of now), or is a member of the organisation it is.</param>
/// <param name="Developers">The team that new packages of the scope are given to; null when it is no organisation.</param>
public sealed record ClaimScopeResponse(bool Granted, TeamReference? Developers = null);

/// <summary>Asks which of these names are accounts that can log in.</summary>
/// <param name="Names">The names, at most <see cref="MostNames"/>.</param>
public sealed record FindAccountsRequest(IReadOnlyList<string> Names)
{
    /// <summary>The most names that can be asked for at once.</summary>
    public const int MostNames = 250;
}

/// <summary>The answer to <see cref="FindAccountsRequest"/>.</summary>
/// <param name="Accounts">Those that are, by name.</param>
public sealed record FindAccountsResponse(IReadOnlyList<AccountResponse> Accounts);

/// <summary>Creates an account on the operator's word.</summary>
/// <param name="Name">The account's name.</param>
/// <param name="Password">Its password; null has one made.</param>
/// <param name="Email">Its e-mail address.</param>
/// <param name="IsAdministrator">May read and change everything.</param>
public sealed record CreateAccountRequest(string Name, string? Password, string? Email, bool IsAdministrator);

/// <summary>A new account.</summary>
/// <param name="Account">The account.</param>
/// <param name="Password">The password that was made, shown once; null when one was given.</param>
public sealed record CreateAccountResponse(AccountResponse Account, string? Password);

/// <summary>An account as operators see it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Email">Its e-mail address.</param>
/// <param name="IsAdministrator">May read and change everything.</param>
/// <param name="CreatedAt">When it was created, UTC.</param>
public sealed record AccountResponse(string Id, string Name, string? Email, bool IsAdministrator, DateTimeOffset CreatedAt);

/// <summary>Sets an account's password.</summary>
/// <param name="Password">The new one; null has one made.</param>
public sealed record SetPasswordRequest(string? Password);

/// <summary>The password set.</summary>
/// <param name="Password">The password that was made, shown once; null when one was given.</param>
public sealed record SetPasswordResponse(string? Password);

/// <summary>Invites somebody to sign up while sign-up is not open.</summary>
/// <param name="ExpiresInDays">Days until the invitation lapses, 1 to 30.</param>
public sealed record CreateInvitationRequest(int ExpiresInDays);

/// <summary>An invitation.</summary>
/// <param name="Code">The code that signs up one account; shown once.</param>
/// <param name="ExpiresAt">When it lapses, UTC.</param>
public sealed record InvitationResponse(string Code, DateTimeOffset ExpiresAt);

/// <summary>Creates an access token on the operator's word.</summary>
/// <param name="User">Name of the account it acts for.</param>
/// <param name="Name">What to call it.</param>
/// <param name="ReadOnly">Only reads.</param>
/// <param name="ExpiresInDays">Days until it expires; null means never.</param>
/// <param name="Packages">Full names it is limited to; null means any.</param>
/// <param name="Scopes">Scopes it is limited to; null means any.</param>
/// <param name="Cidrs">Address ranges it may be used from; null means any.</param>
public sealed record CreateTokenRequest(
    string User,
    string? Name,
    bool ReadOnly,
    int? ExpiresInDays,
    IReadOnlyList<string>? Packages,
    IReadOnlyList<string>? Scopes,
    IReadOnlyList<string>? Cidrs);

/// <summary>A new access token.</summary>
/// <param name="Token">What is kept of it.</param>
/// <param name="Secret">The token itself, shown once.</param>
public sealed record CreateTokenResponse(TokenResponse Token, string Secret);

/// <summary>What is kept of an access token.</summary>
/// <param name="Id">Its id.</param>
/// <param name="User">Name of the account it acts for.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Hint">Its first characters, to recognise it by.</param>
/// <param name="ReadOnly">Only reads.</param>
/// <param name="CreatedAt">When it was created, UTC.</param>
/// <param name="ExpiresAt">When it expires, UTC.</param>
/// <param name="LastUsedAt">When it was last used, UTC, to the minute.</param>
/// <param name="Packages">Full names it is limited to.</param>
/// <param name="Scopes">Scopes it is limited to.</param>
/// <param name="Cidrs">Address ranges it may be used from.</param>
public sealed record TokenResponse(
    string Id,
    string User,
    string? Name,
    string Hint,
    bool ReadOnly,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt,
    IReadOnlyList<string>? Packages,
    IReadOnlyList<string>? Scopes,
    IReadOnlyList<string>? Cidrs);
