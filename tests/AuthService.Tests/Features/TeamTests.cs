using System.Net;

using Registry.AuthService.Tests.Hosting;
using Registry.Contracts.Http;

namespace Registry.AuthService.Tests.Features;

/// <summary>npm protocol 3.7, <c>npm team</c>.</summary>
public sealed class TeamTests(OpenRegistry registry) : IClassFixture<OpenRegistry>
{
    private readonly OrganisationSetting _orgs = new(registry.Host);

    [Fact]
    public async Task A_team_is_made_listed_and_destroyed()
    {
        var (scope, owner) = await _orgs.FoundAsync();

        var created = await CreateAsync(scope, owner, "crew");
        (await CreateAsync(scope, owner, "crew")).Code.ShouldBe("team_exists");
        var forNpm = await _orgs.GetAsync($"/-/org/{scope}/team?format=cli", owner);
        var forPnpm = await _orgs.GetAsync($"/-/org/{scope}/team", owner);
        var destroyed = await DestroyAsync(scope, owner, "crew");

        created.ShouldBe(new Answer(HttpStatusCode.Created, "{}"));
        forNpm.Body.ShouldBe($"""["{scope}:crew","{scope}:developers"]""");
        forPnpm.Body.ShouldBe("""[{"name":"crew"},{"name":"developers"}]""");
        destroyed.ShouldBe(new Answer(HttpStatusCode.OK, "{}"));
        (await DestroyAsync(scope, owner, "crew")).Code.ShouldBe("team_not_found");
    }

    [Fact]
    public async Task Members_of_the_organisation_join_a_team_and_leave_it()
    {
        var (scope, owner) = await _orgs.FoundAsync();
        var user = (await _orgs.NewMemberAsync(scope, owner)).UserName!;
        await CreateAsync(scope, owner, "crew");

        (await AddAsync(scope, owner, "crew", user)).ShouldBe(new Answer(HttpStatusCode.Created, "{}"));
        (await AddAsync(scope, owner, "crew", user)).Status.ShouldBe(HttpStatusCode.Created, "it is as asked for");
        (await AddAsync(scope, owner, "crew", (await _orgs.NewUserAsync()).UserName!)).Code.ShouldBe("member_not_found");
        (await _orgs.GetAsync($"/-/team/{scope}/crew/user?format=cli", owner)).Body.ShouldBe($"""["{user}"]""");
        (await _orgs.GetAsync($"/-/team/{scope}/crew/user", owner)).Body.ShouldBe($$"""[{"name":"{{user}}"}]""");
        (await RemoveAsync(scope, owner, "crew", user)).ShouldBe(new Answer(HttpStatusCode.OK, "{}"));
        (await RemoveAsync(scope, owner, "crew", user)).Code.ShouldBe("member_not_found");
        (await AddAsync(scope, owner, "nosuch", user)).Code.ShouldBe("team_not_found");
    }

    [Fact]
    public async Task Admins_look_after_teams_and_developers_only_look()
    {
        var (scope, owner) = await _orgs.FoundAsync();
        var admin = await _orgs.NewMemberAsync(scope, owner, "admin");
        var developer = await _orgs.NewMemberAsync(scope, owner);

        (await CreateAsync(scope, developer, "crew")).Code.ShouldBe("role_required");
        (await CreateAsync(scope, admin, "crew")).Status.ShouldBe(HttpStatusCode.Created);
        (await AddAsync(scope, developer, "crew", developer.UserName!)).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await AddAsync(scope, admin, "crew", developer.UserName!)).Status.ShouldBe(HttpStatusCode.Created);
        (await RemoveAsync(scope, developer, "crew", developer.UserName!)).Code.ShouldBe("role_required");
        (await DestroyAsync(scope, developer, "crew")).Code.ShouldBe("role_required");
        (await _orgs.GetAsync($"/-/team/{scope}/crew/user", developer)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Who_joins_the_organisation_joins_its_developers_who_cannot_be_destroyed()
    {
        var (scope, owner) = await _orgs.FoundAsync();
        var user = await _orgs.NewMemberAsync(scope, owner);

        (await _orgs.GetAsync($"/-/team/{scope}/developers/user?format=cli", user)).Body.ShouldContain($"\"{user.UserName}\"");
        (await DestroyAsync(scope, owner, "developers")).Code.ShouldBe("team_required");
    }

    [Theory]
    [InlineData("")]
    [InlineData("Crew")]
    [InlineData("a b")]
    [InlineData("-crew")]
    [InlineData("a/b")]
    [InlineData(null)]
    public async Task A_malformed_name_is_400_where_it_is_given_and_404_where_it_is_asked_for(string? name)
    {
        var (scope, owner) = await _orgs.FoundAsync();

        (await CreateAsync(scope, owner, name!)).Code.ShouldBe("invalid_request");
        if (!string.IsNullOrEmpty(name))
        {
            (await _orgs.GetAsync($"/-/team/{scope}/{Uri.EscapeDataString(name)}/user", owner)).Status.ShouldBe(HttpStatusCode.NotFound);
        }
    }

    private Task<Answer> CreateAsync(string scope, Caller caller, string name) =>
        _orgs.SendAsync(HttpMethod.Put, $"/-/org/{scope}/team", caller, new { name, description = "A team" });

    private Task<Answer> DestroyAsync(string scope, Caller caller, string name) => _orgs.SendAsync(HttpMethod.Delete, $"/-/team/{scope}/{name}", caller);

    private Task<Answer> AddAsync(string scope, Caller caller, string team, string user) =>
        _orgs.SendAsync(HttpMethod.Put, $"/-/team/{scope}/{team}/user", caller, new { user });

    private Task<Answer> RemoveAsync(string scope, Caller caller, string team, string user) =>
        _orgs.SendAsync(HttpMethod.Delete, $"/-/team/{scope}/{team}/user", caller, new { user });
}
