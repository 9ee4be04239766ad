using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

using Registry.Contracts.Http;
using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Tests.Running;

namespace Registry.PackageService.Tests.Features.Access;

/// <summary>npm protocol 3.7: who may read and change packages, and what organisations and teams make of it.</summary>
public sealed class AccessTests(PackageSystem system)
{
    [Fact]
    public async Task A_package_made_restricted_is_hidden_from_strangers_in_every_dialect_and_read_by_a_team()
    {
        var (scope, owner) = await system.NewOrganisationAsync();
        var (reader, stranger) = (await NewMemberAsync(scope, owner, "readers"), await system.NewUserAsync());
        var name = $"@{scope}/x";
        await system.PublishedAsync(owner, name);
        (await GiveAsync(owner, scope, "readers", name, "read-only")).Status.ShouldBe(HttpStatusCode.OK);

        var changed = await PostAsync(owner, name, new { access = "restricted" });

        changed.Status.ShouldBe(HttpStatusCode.OK);
        changed.Changed.ShouldBe($"main/{name}", "the Gateway forgets it before the answer leaves");
        foreach (var (client, path) in Readings(name))
        {
            (await client(stranger).GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.NotFound, path);
            (await client(null).GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.NotFound, path);
            (await client(reader).GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.OK, path);
        }

        using var publish = await system.Npm(reader).PutAsJsonAsync("/" + Uri.EscapeDataString(name), PublishBody.Npm(name, "1.0.1"));
        publish.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using var hidden = await system.Npm(stranger).PutAsJsonAsync("/" + Uri.EscapeDataString(name), PublishBody.Npm(name, "1.0.1"));
        ((int)hidden.StatusCode).ShouldBe(403, "as for any new name in a scope of others");
    }

    [Fact]
    public async Task The_members_of_an_organisation_publish_its_new_packages_together()
    {
        var (scope, owner) = await system.NewOrganisationAsync();
        var colleague = await NewMemberAsync(scope, owner);
        var name = $"@{scope}/x";

        await system.PublishedAsync(colleague, name, access: RequestedAccess.Restricted);
        var second = await system.PublishAsync(PackageSystem.Command(name, "1.0.1"), owner);

        second.ShouldBeOfType<PublishOutcome.Published>();
        (await GetAsync(owner, $"/-/team/{scope}/developers/package")).Body.ShouldBe(Map(name, "write"));
        (await ReadersAsync(name)).ShouldBe([$"user:{colleague.UserId}", $"team:{owner.TeamIds[0]}"]);
        (await system.PublishAsync(PackageSystem.Command($"@{scope}/y"), await system.NewUserAsync())).ShouldBeOfType<PublishOutcome.Refused>();
    }

    [Fact]
    public async Task A_team_is_given_a_package_to_write_and_it_is_taken_again()
    {
        var (scope, owner) = await system.NewOrganisationAsync();
        var member = await NewMemberAsync(scope, owner, "crew");
        var name = PackageSystem.NewName(); // a package that only the owner maintains, in no scope
        await system.PublishedAsync(owner, name);

        (await GiveAsync(owner, scope, "crew", name, "read-write")).Body.ShouldBe("{}");
        (await system.PublishAsync(PackageSystem.Command(name, "1.0.1"), member)).ShouldBeOfType<PublishOutcome.Published>();
        (await GiveAsync(owner, scope, "crew", name, "read-only")).Status.ShouldBe(HttpStatusCode.OK);
        (await system.PublishAsync(PackageSystem.Command(name, "1.0.2"), member)).ShouldBeOfType<PublishOutcome.Refused>();
        (await GetAsync(member, $"/-/team/{scope}/crew/package?format=cli")).Body.ShouldBe(Map(name, "read"));
        (await TakeAsync(owner, scope, "crew", name)).Body.ShouldBe("{}");
        (await TakeAsync(owner, scope, "crew", name)).Code.ShouldBe("grant_not_found");
        (await GetAsync(member, $"/-/team/{scope}/crew/package")).Body.ShouldBe("{}");
    }

    [Fact]
    public async Task Only_owners_and_admins_who_may_change_the_package_give_it_to_a_team()
    {
        var (scope, owner) = await system.NewOrganisationAsync();
        var developer = await NewMemberAsync(scope, owner);
        var admin = await NewMemberAsync(scope, owner, role: "admin");
        var stranger = await system.NewUserAsync();
        var (ours, theirs) = ($"@{scope}/x", PackageSystem.NewName());
        await system.PublishedAsync(stranger, theirs);
        await system.PublishedAsync(developer, ours, access: RequestedAccess.Restricted);

        (await GiveAsync(developer, scope, "developers", ours, "read-only")).Code.ShouldBe("role_required");
        (await GiveAsync(admin, scope, "developers", theirs, "read-write")).Code.ShouldBe("not_a_maintainer");
        (await GiveAsync(admin, scope, "nosuch", ours, "read-only")).Code.ShouldBe("team_not_found");
        (await GiveAsync(stranger, scope, "developers", theirs, "read-only")).Code.ShouldBe("team_not_found", "hidden as if it were absent");
        (await GiveAsync(stranger, "nosuch", "developers", theirs, "read-only")).Code.ShouldBe("team_not_found");
        (await GiveAsync(owner, scope, "developers", $"@{scope}/absent", "read-only")).Code.ShouldBe("package_not_found");
        (await GiveAsync(owner, scope, "developers", ours, "everything")).Code.ShouldBe("invalid_request");
        (await GiveAsync(owner, scope, "developers", "no name", "read-only")).Code.ShouldBe("invalid_name");
        (await GiveAsync(Caller.Anonymous, scope, "developers", ours, "read-only")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await TakeAsync(owner with { TeamIds = [] }, scope, "developers", ours)).Status.ShouldBe(HttpStatusCode.OK, "an owner disposes of all in the scope");
    }

    [Fact]
    public async Task What_demands_a_second_factor_is_given_away_with_one_and_by_tokens_of_the_organisation()
    {
        var (scope, owner) = await system.NewOrganisationAsync();
        var strong = owner with { SecondFactor = new SecondFactor(SecondFactorNeed.Account, SecondFactorAnswer.Accepted) };
        var elsewhere = strong with { Limits = new TokenLimits(false, null, null) { Organisations = ["another"] } };
        var name = $"@{scope}/guarded";
        await system.PublishedAsync(owner, name);
        (await PostAsync(strong, name, new { publish_requires_tfa = true })).Status.ShouldBe(HttpStatusCode.OK);

        (await GiveAsync(owner, scope, "developers", name, "read-only")).Code.ShouldBe("second_factor_not_enrolled");
        (await GiveAsync(elsewhere, scope, "developers", name, "read-only")).Code.ShouldBe("token_limited");
        (await GetAsync(elsewhere, $"/-/org/{scope}/package")).Code.ShouldBe("token_limited");
        (await GetAsync(elsewhere, $"/-/team/{scope}/developers/package")).Code.ShouldBe("token_limited");
        ((int)(await GiveAsync(strong, scope, "developers", name, "read-only")).Status).ShouldBeInRange(200, 201);
    }

    [Fact]
    public async Task Packages_are_listed_for_members_of_the_organisation_and_for_a_user()
    {
        var (scope, owner) = await system.NewOrganisationAsync();
        var (member, stranger) = (await NewMemberAsync(scope, owner), await system.NewUserAsync());
        var (open, restricted) = ($"@{scope}/a", $"@{scope}/b");
        await system.PublishedAsync(owner, open);
        await system.PublishedAsync(owner, restricted, access: RequestedAccess.Restricted);
        await TakeAsync(owner, scope, "developers", restricted);

        (await GetAsync(owner, $"/-/org/{scope}/package")).Body.ShouldBe($$"""{"{{open}}":"write","{{restricted}}":"write"}""");
        (await GetAsync(member, $"/-/org/{scope}/package?format=cli")).Body.ShouldBe(Map(open, "write"));
        (await GetAsync(stranger, $"/-/org/{scope}/package")).Code.ShouldBe("organisation_not_found");
        (await GetAsync(owner, $"/-/org/{owner.UserName}/package")).Code.ShouldBe("organisation_not_found");
        (await GetAsync(member, $"/-/user/{owner.UserName}/package")).Body.ShouldBe(Map(open, "write"));
        (await GetAsync(member, $"/-/user/{member.UserName}/package")).Body.ShouldBe(Map(open, "write"), "through the team");
        (await GetAsync(owner, $"/-/user/{member.UserName}/package")).Body.ShouldBe("{}", "who is in a team is not for others");
        (await GetAsync(owner, $"/-/user/{scope}/package")).Code.ShouldBe("account_not_found");
        (await GetAsync(Caller.Anonymous, $"/-/org/{scope}/package")).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Collaborators_are_a_map_for_npm_and_an_array_for_pnpm_and_name_teams_only_to_their_own()
    {
        var (scope, owner) = await system.NewOrganisationAsync();
        var reader = await NewMemberAsync(scope, owner, "readers");
        var name = PackageSystem.NewName();
        await system.PublishedAsync(owner, name);
        await GiveAsync(owner, scope, "readers", name, "read-only");
        var path = $"/-/package/{name}/collaborators?format=cli";

        (await GetAsync(reader, path)).Body.ShouldBe(
            JsonSerializer.Serialize(new SortedDictionary<string, string>(StringComparer.Ordinal) { [owner.UserName!] = "write", [reader.UserName!] = "read" }));
        (await GetAsync(reader, path + $"&user={reader.UserName}")).Body.ShouldBe(Map(reader.UserName!, "read"));
        (await GetAsync(Caller.Anonymous, path)).Body.ShouldBe(Map(owner.UserName!, "write"));
        (await GetAsync(reader, path + $"&user={owner.UserName}", "pnpm/11.0.0")).Body.ShouldBe(
            $$"""[{"user":"{{owner.UserName}}","email":"{{owner.Email}}","permissions":"read-write"}]""");
        (await GetAsync(reader, $"/-/package/{name}/collaborators?user={owner.UserName}", "pnpm/11.0.0")).Body.ShouldBe(Map(owner.UserName!, "write"));
        (await GetAsync(reader, path + $"&user={owner.UserName}", "npm/8.19.4 node/v20 pnpm/11.0.0")).Body.ShouldBe(Map(owner.UserName!, "write"));
        (await GetAsync(reader, $"/-/package/{PackageSystem.NewName()}/collaborators")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Access_is_told_and_changed_and_only_scoped_packages_have_it()
    {
        var owner = (await system.NewUserAsync()) with { SecondFactor = new SecondFactor(SecondFactorNeed.Account, SecondFactorAnswer.Accepted) };
        var (scoped, unscoped) = ($"@{owner.UserName}/x", PackageSystem.NewName());
        await system.PublishedAsync(owner, scoped);
        await system.PublishedAsync(owner, unscoped);

        (await GetAsync(owner, $"/-/package/{Uri.EscapeDataString(scoped)}/visibility")).Body.ShouldBe("""{"public":true}""");
        (await PostAsync(owner, scoped, new { publish_requires_tfa = true, automation_token_overrides_tfa = true })).Body.ShouldBe(
            """{"access":"public","publish_requires_tfa":true,"automation_token_overrides_tfa":true}""");
        (await PostAsync(owner, scoped, new { access = "restricted" })).Body.ShouldContain("\"access\":\"restricted\"");
        (await GetAsync(owner, $"/-/package/{Uri.EscapeDataString(scoped)}/visibility")).Body.ShouldBe("""{"public":false}""");
        (await GetAsync(owner, $"/-/package/{Uri.EscapeDataString(scoped)}/access")).Body.ShouldContain("\"publish_requires_tfa\":true");
        foreach (var part in new[] { "visibility", "access", "collaborators" })
        {
            (await GetAsync(Caller.Anonymous, $"/-/package/{Uri.EscapeDataString(scoped)}/{part}")).Status.ShouldBe(HttpStatusCode.NotFound, part);
        }

        (await PostAsync(owner, unscoped, new { access = "restricted" })).Code.ShouldBe("access_needs_scope");
        (await PostAsync(owner, scoped, new { access = "secret" })).Code.ShouldBe("invalid_access");
        (await PostAsync(owner, scoped, new { })).Code.ShouldBe("invalid_request");
        (await PostAsync(owner, scoped, "text")).Code.ShouldBe("invalid_json");
        (await PostAsync(await system.NewUserAsync(), unscoped, new { publish_requires_tfa = true })).Code.ShouldBe("not_a_maintainer");
        (await PostAsync(await system.NewUserAsync(), scoped, new { access = "public" })).Code.ShouldBe("package_not_found");
        (await PostAsync(Caller.Anonymous, scoped, new { access = "public" })).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private IEnumerable<(Func<Caller?, HttpClient> Client, string Path)> Readings(string name) =>
    [
        (system.Npm, "/" + Uri.EscapeDataString(name)),
        (system.Npm, $"/{Uri.EscapeDataString(name)}/1.0.0"),
        (system.Npm, $"/-/package/{Uri.EscapeDataString(name)}/dist-tags"),
        (system.Pantry, "/packages/" + Uri.EscapeDataString(name)),
        (system.Native, "/api/v1/repositories/main/packages/" + Uri.EscapeDataString(name)),
    ];

    private async Task<Caller> NewMemberAsync(string scope, Caller owner, string? team = null, string role = "developer")
    {
        var user = await system.NewUserAsync();
        await system.PutOnAuthAsync(owner, $"/-/org/{scope}/user", new { user = user.UserName, role });
        if (team is null)
        {
            return await system.InTeamAsync(user, scope, "developers");
        }

        // Not as one of the developers, so that only what this team was given counts.
        await system.PutOnAuthAsync(owner, $"/-/org/{scope}/team", new { name = team });
        await system.PutOnAuthAsync(owner, $"/-/team/{scope}/{team}/user", new { user = user.UserName });
        return await system.InTeamAsync(user, scope, team);
    }

    private async Task<IReadOnlyList<string>> ReadersAsync(string name)
    {
        using var client = system.Packages.ClientForService(ServiceNames.Search);
        return (await client.SearchDocumentsAsync(name)).Single().Readers;
    }

    private Task<Told> GetAsync(Caller caller, string path, string agent = "npm/11.0.0") => SendAsync(caller, HttpMethod.Get, path, null, agent);

    private Task<Told> PostAsync(Caller caller, string name, object body) =>
        SendAsync(caller, HttpMethod.Post, $"/-/package/{Uri.EscapeDataString(name)}/access", body);

    private Task<Told> GiveAsync(Caller caller, string scope, string team, string package, string permissions) =>
        SendAsync(caller, HttpMethod.Put, $"/-/team/{scope}/{team}/package", new { package, permissions });

    private Task<Told> TakeAsync(Caller caller, string scope, string team, string package) =>
        SendAsync(caller, HttpMethod.Delete, $"/-/team/{scope}/{team}/package", new { package });

    private async Task<Told> SendAsync(Caller caller, HttpMethod method, string path, object? body, string agent = "npm/11.0.0")
    {
        using var client = system.Npm(caller);
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("User-Agent", agent);
        request.Content = body is null ? null : JsonContent.Create(body, body.GetType(), new MediaTypeHeaderValue("application/json"));
        using var response = await client.SendAsync(request);
        response.Headers.TryGetValues(InternalHeaders.Changed, out var changed);
        return new Told(response.StatusCode, await response.Content.ReadAsStringAsync(), changed?.Single());
    }

    private static string Map(string key, string value) => $$"""{"{{key}}":"{{value}}"}""";

    private sealed record Told(HttpStatusCode Status, string Body, string? Changed)
    {
        public string? Code => JsonDocument.Parse(Body).RootElement.GetProperty("code").GetString();
    }
}
