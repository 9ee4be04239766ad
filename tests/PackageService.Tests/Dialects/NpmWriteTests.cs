using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.PackageService.Tests.Publishing.Tarballs;
using Registry.PackageService.Tests.Running;

namespace Registry.PackageService.Tests.Dialects;

public sealed class NpmWriteTests(PackageSystem system)
{
    public static TheoryData<string, Action<JsonObject>> WrongDocuments => new()
    {
        { "another name", d => d["name"] = "another" },
        { "no version", d => d["versions"] = new JsonObject() },
        { "bad version", d => { d["versions"]!["1.0.0"]!["version"] = "1.0"; } },
        { "bad integrity", d => d["versions"]!["1.0.0"]!["dist"]!["integrity"] = $"sha512-{Convert.ToBase64String(new byte[64])}" },
        { "bad length", d => d["_attachments"]!.AsObject().First().Value!["length"] = 1 },
        { "bad base64", d => d["_attachments"]!.AsObject().First().Value!["data"] = "!!!!" },
        { "bad tag", d => d["dist-tags"] = new JsonObject { ["1.x"] = "1.0.0" } },
        { "restricted without scope", d => d["access"] = "restricted" },
        { "not a publish", d => d.Remove("_attachments") },
        { "NUL in the manifest", d => d["versions"]!["1.0.0"]!["description"] = "a\0b" },
    };

    [Fact]
    public async Task A_published_package_is_there_for_the_next_request()
    {
        var user = await system.NewUserAsync();
        var name = $"@{PackageSystem.NewName("s")}/x";

        using var published = await PutAsync(user, name, PublishBody.Npm(name));
        using var packument = await system.Npm().GetAsync($"/{name}");
        var answer = (await published.Content.ReadFromJsonAsync<JsonObject>())!;
        var document = (await packument.Content.ReadFromJsonAsync<JsonObject>())!;

        published.StatusCode.ShouldBe(HttpStatusCode.Created, answer.ToJsonString());
        (answer["ok"]!.GetValue<bool>(), answer["success"]!.GetValue<bool>(), answer["id"]!.GetValue<string>()).ShouldBe((true, true, name));
        answer["rev"]!.GetValue<string>().ShouldBe(document["_rev"]!.GetValue<string>());
        published.Headers.GetValues(InternalHeaders.Changed).ShouldBe([$"main/{name}"]);
        document["readme"]!.GetValue<string>().ShouldBe("# Hello");
    }

    [Theory]
    [MemberData(nameof(WrongDocuments))]
    public async Task A_wrong_document_is_refused_with_a_sentence_and_leaves_nothing(string what, Action<JsonObject> spoil)
    {
        var name = PackageSystem.NewName();

        using var refused = await PutAsync(await system.NewUserAsync(), name, PublishBody.Npm(name, change: spoil));
        using var packument = await system.Npm().GetAsync($"/{name}");

        ((int)refused.StatusCode).ShouldBeInRange(400, 422, what);
        (await ErrorAsync(refused)).ShouldNotBeNullOrWhiteSpace();
        packument.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_tarball_that_is_not_gzip_or_names_another_package_is_refused()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());

        using var notGzip = await PutAsync(user, name, PublishBody.Npm(name, tarball: "not gzip"u8.ToArray()));
        using var other = await PutAsync(user, name, PublishBody.Npm(name, tarball: Tarball.Of("other", "1.0.0")));

        notGzip.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        other.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Publishing_an_existing_version_is_403_in_npms_words()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        await system.PublishedAsync(user, name);

        using var refused = await PutAsync(user, name, PublishBody.Npm(name));

        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await ErrorAsync(refused)).ShouldBe("You cannot publish over the previously published versions: 1.0.0.");
        refused.Headers.Contains(InternalHeaders.Changed).ShouldBeFalse();
    }

    [Fact]
    public async Task Who_may_not_publish_is_refused_before_the_body_is_read()
    {
        var name = PackageSystem.NewName();
        await system.PublishedAsync(await system.NewUserAsync(), name);
        var other = await system.NewUserAsync();

        using var anonymous = await PutAsync(Caller.Anonymous, name, []);
        using var rejected = await PutAsync(Caller.Rejected, name, []);
        using var stranger = await PutAsync(other, name, []);
        using var readOnly = await PutAsync(other with { Limits = new TokenLimits(true, null, null) }, PackageSystem.NewName(), []);
        using var badName = await PutAsync(other, "UpperCase", []);

        anonymous.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        anonymous.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme).ShouldBe(["Bearer", "Basic"]);
        rejected.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        stranger.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await ErrorAsync(readOnly)).ShouldBe("This access token may only read; create one that may publish");
        badName.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Without_AuthService_a_new_scope_is_503_with_retry_after()
    {
        await using var host = await system.StartAsync(("services:auth:http:0", "http://127.0.0.1:1/"));
        using var client = host.ClientFor(await system.NewUserAsync(), Testing.TestKeys.Mount(Contracts.Http.Dialects.Npm));
        using var operations = host.ClientForStranger();
        var name = $"@{PackageSystem.NewName("s")}/x";

        using var response = await client.PutAsJsonAsync($"/{name}", PublishBody.Npm(name));
        using var health = await operations.GetAsync("/health");

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter.ShouldNotBeNull();
        (await ErrorAsync(response))!.ShouldNotContain("database");
        health.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await health.Content.ReadFromJsonAsync<JsonObject>())!["status"]!.GetValue<string>().ShouldBe("degraded");
    }

    [Fact]
    public async Task Dist_tags_are_listed_moved_and_removed()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        await system.PublishedAsync(user, name);
        await system.PublishedAsync(user, name, "2.0.0", "next");
        using var client = system.Npm(user);

        using var moved = await client.PutAsJsonAsync(TagPath(name, "stable"), "2.0.0");
        using var posted = await client.PostAsJsonAsync(TagPath(name, "latest"), "2.0.0");
        using var removed = await client.DeleteAsync(TagPath(name, "next"));

        new[] { moved, posted, removed }.ShouldAllBe(r => r.StatusCode == HttpStatusCode.OK);
        (await moved.Content.ReadFromJsonAsync<JsonObject>())!["ok"]!.GetValue<bool>().ShouldBeTrue();
        (await client.GetFromJsonAsync<Dictionary<string, string>>($"/-/package/{name}/dist-tags"))!
            .ShouldBe(new Dictionary<string, string> { ["latest"] = "2.0.0", ["stable"] = "2.0.0" });
    }

    [Fact]
    public async Task Wrong_dist_tag_requests_are_refused()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        await system.PublishedAsync(user, name);
        using var client = system.Npm(user);
        using var stranger = system.Npm(await system.NewUserAsync());

        foreach (var (request, status) in new (Func<Task<HttpResponseMessage>>, int)[]
        {
            (() => client.PutAsJsonAsync(TagPath(name, "1.x"), "1.0.0"), 400),
            (() => client.PutAsJsonAsync(TagPath(name, "beta"), "not a version"), 400),
            (() => client.PutAsJsonAsync(TagPath(name, "beta"), new { version = "1.0.0" }), 400),
            (() => client.PutAsync(TagPath(name, "beta"), new StringContent(new string('x', 10_000))), 400),
            (() => client.PutAsJsonAsync(TagPath(name, "beta"), "9.9.9"), 404),
            (() => client.PutAsJsonAsync(TagPath(PackageSystem.NewName(), "beta"), "1.0.0"), 404),
            (() => client.DeleteAsync(TagPath(name, "latest")), 400),
            (() => client.DeleteAsync(TagPath(name, "absent")), 404),
            (() => stranger.PutAsJsonAsync(TagPath(name, "beta"), "1.0.0"), 403),
            (() => system.Npm().PutAsJsonAsync(TagPath(name, "beta"), "1.0.0"), 401),
            (() => system.Npm().GetAsync($"/-/package/{PackageSystem.NewName()}/dist-tags"), 404),
        })
        {
            using var response = await request();
            ((int)response.StatusCode).ShouldBe(status, response.RequestMessage!.RequestUri!.PathAndQuery);
            (await ErrorAsync(response)).ShouldNotBeNullOrWhiteSpace();
        }
    }

    [Fact]
    public async Task Unpublishing_removes_the_package_for_readers_and_needs_the_current_revision()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        var rev = await system.PublishedAsync(user, name);
        using var client = system.Npm(user);
        using var stranger = system.Npm(await system.NewUserAsync());

        using var stale = await client.DeleteAsync($"/{name}/-rev/1-{new string('0', 32)}");
        using var forbidden = await stranger.DeleteAsync($"/{name}/-rev/{rev}");
        using var removed = await client.DeleteAsync($"/{name}/-rev/{rev}");
        using var packument = await client.GetAsync($"/{name}");
        using var tarball = await client.GetAsync($"/{name}/-/{name}-1.0.0.tgz");
        using var again = await PutAsync(user, name, PublishBody.Npm(name));

        stale.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        forbidden.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        removed.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await removed.Content.ReadFromJsonAsync<JsonObject>())!["ok"]!.GetValue<bool>().ShouldBeTrue();
        packument.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        tarball.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        again.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await ErrorAsync(again)).ShouldBe("You cannot publish over the previously published versions: 1.0.0.");
    }

    [Fact]
    public async Task Writes_need_the_second_factor_of_a_caller_who_has_one_and_dist_tags_other_than_latest_do_not()
    {
        var user = await system.NewUserAsync();
        var name = PackageSystem.NewName();
        var without = user with { SecondFactor = new SecondFactor(SecondFactorNeed.Writes) };
        var with = user with { SecondFactor = new SecondFactor(SecondFactorNeed.Writes, SecondFactorAnswer.Accepted) };

        using var refused = await PutAsync(without, name, PublishBody.Npm(name));
        using var published = await PutAsync(with, name, PublishBody.Npm(name));
        using var latest = await system.Npm(without).PutAsJsonAsync(TagPath(name, "latest"), "1.0.0");
        using var next = await system.Npm(without).PutAsJsonAsync(TagPath(name, "next"), "1.0.0");
        using var automation = await system.Npm(user with { SecondFactor = new SecondFactor(SecondFactorNeed.Automation) }).PutAsJsonAsync(TagPath(name, "latest"), "1.0.0");

        foreach (var challenge in new[] { refused, latest })
        {
            challenge.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            challenge.Headers.WwwAuthenticate.ToString().ShouldBe("OTP");
        }

        published.StatusCode.ShouldBe(HttpStatusCode.Created);
        next.StatusCode.ShouldBe(HttpStatusCode.OK);
        automation.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(null, false, "second_factor_not_enrolled")]
    [InlineData(SecondFactorNeed.Account, false, "second_factor_required")]
    [InlineData(SecondFactorNeed.Automation, false, "second_factor_required")]
    [InlineData(SecondFactorNeed.Automation, true, null)]
    public async Task A_package_may_demand_a_second_factor_of_everybody_or_of_everybody_but_automation(SecondFactorNeed? need, bool sparesAutomation, string? code)
    {
        var user = await system.NewUserAsync();
        var name = PackageSystem.NewName();
        (await PutAsync(user, name, PublishBody.Npm(name))).Dispose();
        using var demanded = await system.Npm(user).PostAsJsonAsync(
            $"/-/package/{name}/access", new { publish_requires_tfa = true, automation_token_overrides_tfa = sparesAutomation });
        var caller = user with { SecondFactor = need is { } known ? new SecondFactor(known) : null };

        using var answer = await system.Npm(caller).PutAsJsonAsync(TagPath(name, "next"), "1.0.0");
        using var withCode = await system.Npm(user with { SecondFactor = new SecondFactor(SecondFactorNeed.Account, SecondFactorAnswer.Accepted) })
            .PutAsJsonAsync(TagPath(name, "next"), "1.0.0");

        demanded.StatusCode.ShouldBe(HttpStatusCode.OK);
        withCode.StatusCode.ShouldBe(HttpStatusCode.OK);
        (answer.IsSuccessStatusCode ? null : (await answer.Content.ReadFromJsonAsync<JsonObject>())!["code"]!.GetValue<string>()).ShouldBe(code);
        answer.Headers.WwwAuthenticate.ToString().ShouldBe(code == "second_factor_required" ? "OTP" : "");
    }

    private static string TagPath(string name, string tag) => $"/-/package/{name}/dist-tags/{tag}";

    private static async Task<string?> ErrorAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonObject>())!["error"]?.GetValue<string>();

    private async Task<HttpResponseMessage> PutAsync(Caller caller, string name, JsonObject document)
    {
        using var client = system.Npm(caller);
        return await client.PutAsJsonAsync($"/{name.Replace("/", "%2f", StringComparison.Ordinal)}", document);
    }
}
