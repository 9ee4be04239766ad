using Registry.Contracts.Events;
using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.Contracts.Http.Packages;
using Registry.Contracts.Http.Search;
using Registry.Contracts.Http.Storage;

namespace Registry.Contracts.Tests;

/// <summary>One filled-in instance of every record in Contracts; the same values are in <c>Golden/{record}.json</c>.</summary>
internal static class Samples
{
    private static readonly Guid Id = Guid.Parse("01937b1e-8c00-7000-8000-000000000001");
    private static readonly DateTimeOffset Time = new(2026, 3, 14, 15, 9, 26, 535, TimeSpan.Zero);
    private static readonly Person Ada = new("ada", "ada@example.test");
    private static readonly AccountResponse Account = new("01937b1e-8c00-7000-8000-00000000000a", "ada", "ada@example.test", true, Time);
    private static readonly TeamReference Developers = new("01937b1e-8c00-7000-8000-00000000000d", "acme", "developers");
    private static readonly TokenLimits Limits = new(true, ["@acme/rocket"], ["acme"]) { Organisations = ["acme"] };
    private static readonly SecondFactor Factor = new(SecondFactorNeed.Writes, SecondFactorAnswer.Accepted);
    private static readonly MountContext Mount = new("npm", Dialects.Npm, "main", "http://registry.test:3000", true, UsesUpstreams: false);
    private static readonly Change Change = new(42, Time, "main", "@acme/rocket", PackageChangeKind.Published, "1.0.0");

    private static readonly TokenResponse Token = new(
        "01937b1e-8c00-7000-8000-00000000000b", "ada", "ci", "reg_abcd", false, Time, Time.AddDays(30), Time.AddDays(1),
        ["@acme/rocket"], ["acme"], ["192.0.2.0/24"]);

    private static readonly Caller Caller = new()
    {
        Credential = CredentialState.Accepted,
        UserId = Account.Id,
        UserName = "ada",
        Email = "ada@example.test",
        IsAdministrator = true,
        OrganisationIds = ["01937b1e-8c00-7000-8000-00000000000c"],
        TeamIds = ["01937b1e-8c00-7000-8000-00000000000d"],
        CredentialId = $"token:{Token.Id}",
        Limits = Limits,
        SecondFactor = Factor,
    };

    private static readonly PackageKey Key = new("main", "@acme/rocket");
    private static readonly RevisionEntry Revision = new("main", "@acme/rocket", 42);
    private static readonly RevisionDifference Difference = new("main", "@acme/rocket", 41, 42);
    private static readonly PackageVersionResponse Version = new("1.0.0", Time, 2048, "sha512-q83v", "use 2");

    private static readonly UpstreamSearchResult Found = new(
        "npm", "@acme/rocket", "1.0.0", "Goes up", "http://rocket.example.test", "http://git.example.test/rocket", "MIT", ["space"]);

    private static readonly UpstreamSearchFailure Failure = new("npm", "The registry 'npm' did not answer within 700 ms.");
    private static readonly UpstreamSearchQuestion Question = new("npm", "answered", "fetched", "1 found", 12.5);

    private static readonly DownloadCount Downloaded = new("main/@acme/rocket@1.0.0", new DateOnly(2026, 3, 14), 7);
    private static readonly UpstreamCacheEntry Kept = new("npm", 3, 2, 4096);
    private static readonly EvictedTarball Evicted = new("npm", "@acme/rocket", "1.0.0", 2048, Time);

    private static readonly SearchResultResponse Result = new(
        "main", "@acme/rocket", "1.0.0", "Goes up", ["space"], "MIT", Ada, Time, 12.5);

    /// <summary>The instances.</summary>
    public static IReadOnlyList<object> All { get; } =
    [
        .. Events(), .. Identity(), .. Accounts(), .. Packages(),
        new SearchResponse(1, [Result]), Result,
        new RebuildResponse("postgresql", "filling", "waits for packages", Time, Time.AddMinutes(1), 42, 50),
        new VerifyResponse("elasticsearch", 42, 7, 1, false, [Difference]), Difference,
        new StoreBlobResponse("sha256:" + new string('a', 64), 2048, true),
    ];

    private static object[] Events() =>
    [
        new AccessTokenRevoked(Id, Time, $"token:{Token.Id}"),
        new PackageChanged(Id, Time, "main", "@acme/rocket", PackageChangeKind.Published, "1.0.0", 42),
    ];

    private static object[] Identity() =>
    [
        new Assertion
        {
            Issuer = ServiceNames.Gateway,
            Audience = [ServiceNames.Packages, ServiceNames.Storage],
            Kind = AssertionKind.User,
            IssuedAt = 1773500966,
            ExpiresAt = 1773501026,
            Caller = Caller,
            Mount = Mount,
            ClientAddress = "192.0.2.7",
        },
        Caller,
        Limits,
        Factor,
        new SecondFactorRequest(Account.Id, "123456", "publish"),
        new SecondFactorResponse(true, 30),
        new SecondFactorPageRequest(Account.Id, "192.0.2.7", "npm/11"),
        new SecondFactorPageResponse("/-/v1/login/page", "/-/v1/login/done/secret"),
        Mount,
        new IntrospectRequest("reg_secret", "ada", "192.0.2.7"),
        new IntrospectResponse(Caller, 30, Time.AddDays(30)),
    ];

    private static object[] Accounts() =>
    [
        new SetupResponse(true, "open"),
        new ClaimScopeRequest("acme", Account.Id),
        new ClaimScopeResponse(true, Developers),
        new OrganisationResponse("01937b1e-8c00-7000-8000-00000000000c", "acme", "owner"),
        Developers,
        new TeamResponse(Developers, "admin"),
        new TeamMembersRequest([Developers.Id]),
        new TeamMemberResponse(Developers.Id, "ada", "ada@example.test"),
        new FindAccountsRequest(["ada"]),
        new FindAccountsResponse([Account]),
        new CreateAccountRequest("ada", "correct horse", "ada@example.test", true),
        new CreateAccountResponse(Account, "made-up-password"),
        Account,
        new SetPasswordRequest("correct horse"),
        new SetPasswordResponse("made-up-password"),
        new CreateInvitationRequest(7),
        new InvitationResponse("inv_code", Time.AddDays(7)),
        new CreateTokenRequest("ada", "ci", true, 30, ["@acme/rocket"], ["acme"], ["192.0.2.0/24"]),
        new CreateTokenResponse(Token, "reg_secret"),
        Token,
    ];

    private static object[] Packages() =>
    [
        new ChangesPage(Id, 42, 50, [Change], "5f3a0c119b7e24d8"),
        Change,
        new PackageResponse(
            "main", "@acme/rocket", "Goes up", "MIT", "http://rocket.example.test",
            new Dictionary<string, string> { ["latest"] = "1.0.0" }, [Version], [Ada], true, Time, "# Rocket", null, 1234),
        Version,
        Downloaded, new DownloadBatch(Id, [Downloaded]),
        Ada,
        Key,
        new RevisionDigestRequest(42, [Key]),
        new RevisionDigestResponse(Id, 7, 1_152_921_504_606_846_975),
        new RevisionsPage([Revision]),
        new UpstreamSearchResponse([Found], [Failure], [Question]), Found, Failure, Question,
        new UpstreamCacheResponse([Kept]), Kept, new EvictionResponse(true, 1, 2048, 3, [Evicted]), Evicted,
        Revision,
        new SearchDocumentsRequest([Key]),
        new SearchDocumentsResponse([Document]),
        Document,
    ];

    private static SearchDocumentResponse Document =>
        new()
        {
            Repository = "main",
            Package = "@acme/rocket",
            Revision = 42,
            Removed = false,
            Version = "1.0.0",
            Description = "Goes up",
            Keywords = ["space"],
            Author = "Ada",
            AuthorEmail = "ada@example.test",
            License = "MIT",
            Homepage = "http://rocket.example.test",
            RepositoryUrl = "http://git.example.test/rocket",
            BugsUrl = "http://bugs.example.test/rocket",
            PublishedAt = Time,
            Publisher = Ada,
            Maintainers = [Ada],
            Readers = [$"user:{Account.Id}"],
        };
}
