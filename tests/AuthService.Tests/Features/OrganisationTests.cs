using System.Net;

using Registry.AuthService.Tests.Hosting;
using Registry.Contracts.Http;

namespace Registry.AuthService.Tests.Features;

/// <summary>npm protocol 3.7, <c>npm org</c>.</summary>
public sealed class OrganisationTests(OpenRegistry registry) : IClassFixture<OpenRegistry>
{
    private readonly AuthHost _host = registry.Host;
    private readonly OrganisationSetting _orgs = new(registry.Host);

    [Fact]
    public async Task An_unowned_scope_becomes_an_organisation_of_whoever_founds_it()
    {
        var (scope, owner) = (AuthHost.NewName("org"), await _orgs.NewUserAsync());

        (await _orgs.FoundAsync(scope, null)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await _orgs.FoundAsync(scope, owner)).Body.ShouldBe($$"""{"name":"{{scope}}","role":"owner"}""");
        (await _orgs.FoundAsync(scope, owner)).Code.ShouldBe("name_taken");
        (await _orgs.FoundAsync(scope, await _orgs.NewUserAsync())).Status.ShouldBe(HttpStatusCode.Conflict);

        (await _orgs.GetAsync($"/-/org/{scope}/user", owner)).Body.ShouldBe($$"""{"{{owner.UserName}}":"owner"}""");
        (await _orgs.GetAsync($"/-/org/{scope}/team?format=cli", owner)).Body.ShouldBe($"""["{scope}:developers"]""");
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("a/b")]
    [InlineData("registry")]
    [InlineData("")]
    [InlineData(null)]
    public async Task A_name_that_no_organisation_may_have_is_400(string? name) =>
        (await _orgs.FoundAsync(name!, await _orgs.NewUserAsync())).Code.ShouldBe("invalid_request");

    [Fact]
    public async Task Whoever_owns_a_scope_makes_it_an_organisation_by_letting_somebody_in()
    {
        var (owner, friend, stranger) = (await _orgs.NewUserAsync(), await _orgs.NewUserAsync(), await _orgs.NewUserAsync());
        var scope = AuthHost.NewName("mine");
        (await _orgs.ClaimAsync(scope, owner)).Granted.ShouldBeTrue();

        (await _orgs.SetAsync(scope, stranger, friend.UserName!)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await _orgs.GetAsync($"/-/org/{scope}/user", owner)).Status.ShouldBe(HttpStatusCode.NotFound);
        var set = await _orgs.SetAsync(scope, owner, friend.UserName!);

        set.Status.ShouldBe(HttpStatusCode.Created);
        set.Body.ShouldBe($$$"""{"org":{"name":"{{{scope}}}","size":2},"user":"{{{friend.UserName}}}","role":"developer"}""");
        (await _orgs.SetAsync(owner.UserName!, owner, friend.UserName!, "admin")).Status.ShouldBe(HttpStatusCode.Created, "the scope of one's own name");
    }

    [Fact]
    public async Task Nothing_becomes_an_organisation_when_letting_somebody_in_fails()
    {
        var (scope, owner) = (AuthHost.NewName("mine"), await _orgs.NewUserAsync());
        await _orgs.ClaimAsync(scope, owner);

        (await _orgs.SetAsync(scope, owner, "nobody-at-all")).Code.ShouldBe("account_not_found");

        (await _orgs.GetAsync($"/-/org/{scope}/user", owner)).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_role_is_changed_by_its_name_or_its_alias_and_stays_without_one()
    {
        var (scope, owner) = await _orgs.FoundAsync();
        var user = (await _orgs.NewMemberAsync(scope, owner)).UserName!;

        (await _orgs.SetAsync(scope, owner, user, "team-admin")).Body.ShouldContain("\"role\":\"admin\"");
        (await _orgs.SetAsync(scope, owner, user)).Body.ShouldContain("\"role\":\"admin\"");
        (await _orgs.SetAsync(scope, owner, user, "super-admin")).Body.ShouldContain("\"role\":\"owner\"");
        (await _orgs.SetAsync(scope, owner, user, "king")).Code.ShouldBe("invalid_request");
    }

    [Fact]
    public async Task Owners_may_everything_admins_look_after_developers_and_developers_look()
    {
        var (scope, owner) = await _orgs.FoundAsync();
        var admin = await _orgs.NewMemberAsync(scope, owner, "admin");
        var developer = await _orgs.NewMemberAsync(scope, owner);
        var user = (await _orgs.NewUserAsync()).UserName!;

        (await _orgs.SetAsync(scope, developer, user)).Code.ShouldBe("role_required");
        (await _orgs.SetAsync(scope, admin, user, "owner")).Code.ShouldBe("role_required");
        (await _orgs.SetAsync(scope, admin, owner.UserName!, "developer")).Code.ShouldBe("role_required");
        (await _orgs.SetAsync(scope, admin, user)).Status.ShouldBe(HttpStatusCode.Created);
        (await _orgs.RemoveAsync(scope, developer, user)).Code.ShouldBe("role_required");
        (await _orgs.RemoveAsync(scope, admin, owner.UserName!)).Code.ShouldBe("role_required");
        (await _orgs.RemoveAsync(scope, admin, user)).Body.ShouldBe("""{"ok":true}""");
        (await _orgs.RemoveAsync(scope, admin, user)).Code.ShouldBe("member_not_found");
        (await _orgs.GetAsync($"/-/org/{scope}/user", developer)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task To_strangers_an_organisation_looks_like_one_that_does_not_exist()
    {
        var (scope, owner) = await _orgs.FoundAsync();
        var stranger = await _orgs.NewUserAsync();
        var absent = AuthHost.NewName("absent");

        foreach (var (method, path, body) in Calls(owner.UserName!))
        {
            var hidden = await _orgs.SendAsync(method, path(scope), stranger, body);
            var missing = await _orgs.SendAsync(method, path(absent), stranger, body);

            hidden.Status.ShouldBe(HttpStatusCode.NotFound, path(scope));
            Told(hidden, scope).ShouldBe(Told(missing, absent));
            (await _orgs.SendAsync(method, path(scope), null, body)).Status.ShouldBe(HttpStatusCode.Unauthorized, path(scope));
        }

        static string Told(Answer answer, string scope) =>
            System.Text.RegularExpressions.Regex.Replace(answer.Body.Replace(scope, "SCOPE", StringComparison.Ordinal), "\"traceId\":\"[^\"]*\"", "");
    }

    [Fact]
    public async Task The_last_owner_stays_and_of_two_who_leave_at_once_one_does()
    {
        var (scope, owner) = await _orgs.FoundAsync();
        (await _orgs.RemoveAsync(scope, owner, owner.UserName!)).Code.ShouldBe("last_owner");
        (await _orgs.SetAsync(scope, owner, owner.UserName!, "admin")).Status.ShouldBe(HttpStatusCode.Conflict);
        var second = await _orgs.NewMemberAsync(scope, owner, "owner");

        var left = await Task.WhenAll(_orgs.RemoveAsync(scope, owner, owner.UserName!), _orgs.RemoveAsync(scope, second, second.UserName!));

        left.Select(answer => answer.Status).ShouldBe([HttpStatusCode.OK, HttpStatusCode.Conflict], ignoreOrder: true);
    }

    [Fact]
    public async Task Members_make_packages_in_the_scope_and_a_former_owner_does_not()
    {
        var (scope, owner) = await _orgs.FoundAsync();
        var developer = await _orgs.NewMemberAsync(scope, owner);
        await _orgs.SetAsync(scope, owner, developer.UserName!, "owner");
        await _orgs.RemoveAsync(scope, owner, owner.UserName!);

        var claim = await _orgs.ClaimAsync(scope, developer);

        claim.Granted.ShouldBeTrue();
        claim.Developers!.Name.ShouldBe("developers");
        (await _orgs.ClaimAsync(scope, owner)).Granted.ShouldBeFalse("whoever claimed the scope before it was an organisation is a member or nobody");
    }

    [Fact]
    public async Task What_an_account_belongs_to_is_in_its_introspection_and_a_change_of_it_is_told()
    {
        var (scope, owner) = await _orgs.FoundAsync();
        var name = AuthHost.NewName();
        var token = await _host.SignUpAsync(name);
        await _orgs.SetAsync(scope, owner, name);

        var member = (await _host.IntrospectAsync(token)).Caller;
        await _orgs.RemoveAsync(scope, member, name);
        var alone = (await _host.IntrospectAsync(token)).Caller;

        member.OrganisationIds.Count.ShouldBe(1);
        member.TeamIds.ShouldBe([(await _orgs.ClaimAsync(scope, owner)).Developers!.Id]);
        alone.OrganisationIds.Concat(alone.TeamIds).ShouldBeEmpty("who leaves an organisation leaves its teams");
        (await _host.CountEventsAsync($"account:{member.UserId}")).ShouldBe(2);
    }

    [Fact]
    public async Task A_limited_access_token_changes_only_organisations_it_is_for()
    {
        var (scope, owner) = await _orgs.FoundAsync();
        var user = (await _orgs.NewUserAsync()).UserName!;

        (await _orgs.SetAsync(scope, owner with { Limits = new TokenLimits(true, null, null) }, user)).Code.ShouldBe("token_read_only");
        (await _orgs.SetAsync(scope, owner with { Limits = new TokenLimits(false, ["left-pad"], null) }, user)).Code.ShouldBe("token_limited");
        (await _orgs.FoundAsync(AuthHost.NewName("org"), owner with { Limits = new TokenLimits(false, null, [scope]) })).Code.ShouldBe("token_limited");
        (await _orgs.SetAsync(scope, owner with { Limits = new TokenLimits(false, null, [scope]) }, user)).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Members_of_an_organisation_and_teams_of_an_account_are_bounded()
    {
        await using var host = await AuthHost.StartAsync(
            ("Accounts:MaxMembersPerOrganisation", "2"), ("Accounts:MaxTeamsPerOrganisation", "2"), ("Accounts:MaxTeamsPerAccount", "2"));
        var orgs = new OrganisationSetting(host);
        var (scope, owner) = await orgs.FoundAsync();
        var user = await orgs.NewMemberAsync(scope, owner);

        (await orgs.SetAsync(scope, owner, (await orgs.NewUserAsync()).UserName!)).Code.ShouldBe("too_many_members");
        (await orgs.SendAsync(HttpMethod.Put, $"/-/org/{scope}/team", owner, new { name = "one" })).Status.ShouldBe(HttpStatusCode.Created);
        (await orgs.SendAsync(HttpMethod.Put, $"/-/org/{scope}/team", owner, new { name = "two" })).Code.ShouldBe("too_many_members");
        (await orgs.SendAsync(HttpMethod.Put, $"/-/team/{scope}/one/user", owner, new { user = user.UserName })).Status.ShouldBe(HttpStatusCode.Created);
        var (other, otherOwner) = await orgs.FoundAsync();
        (await orgs.SetAsync(other, otherOwner, user.UserName!)).Code.ShouldBe("too_many_members");
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task A_body_that_names_no_user_is_400(string method)
    {
        var (scope, owner) = await _orgs.FoundAsync();

        foreach (var body in new object?[] { null, "text", new { user = "Not A Name" }, new { } })
        {
            (await _orgs.SendAsync(new HttpMethod(method), $"/-/org/{scope}/user", owner, body)).Status.ShouldBe(HttpStatusCode.BadRequest);
            (await _orgs.SendAsync(new HttpMethod(method), $"/-/team/{scope}/developers/user", owner, body)).Status.ShouldBe(HttpStatusCode.BadRequest);
        }
    }

    private static IEnumerable<(HttpMethod Method, Func<string, string> Path, object? Body)> Calls(string user) =>
    [
        (HttpMethod.Get, scope => $"/-/org/{scope}/user", null),
        (HttpMethod.Put, scope => $"/-/org/{scope}/user", new { user }),
        (HttpMethod.Delete, scope => $"/-/org/{scope}/user", new { user }),
        (HttpMethod.Get, scope => $"/-/org/{scope}/team", null),
        (HttpMethod.Put, scope => $"/-/org/{scope}/team", new { name = "crew" }),
        (HttpMethod.Delete, scope => $"/-/team/{scope}/developers", null),
        (HttpMethod.Get, scope => $"/-/team/{scope}/developers/user", null),
        (HttpMethod.Put, scope => $"/-/team/{scope}/developers/user", new { user }),
        (HttpMethod.Delete, scope => $"/-/team/{scope}/developers/user", new { user }),
    ];
}
