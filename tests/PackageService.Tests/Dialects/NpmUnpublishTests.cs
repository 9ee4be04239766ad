using System.Net;
using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.PackageService.Tests.Running;

namespace Registry.PackageService.Tests.Dialects;

/// <summary><c>npm unpublish name@version</c> in its three steps (npm protocol 3.5, 4.2).</summary>
public sealed class NpmUnpublishTests(PackageSystem system)
{
    [Fact]
    public async Task A_version_goes_in_three_steps_and_its_number_is_never_used_again()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        await system.PublishedAsync(user, name, "1.0.0");
        await system.PublishedAsync(user, name, "2.0.0");
        await system.PublishedAsync(user, name, "3.0.0-beta", "beta");
        using var npm = new NpmClient(system, user);

        using var step1 = await npm.UpdateRevisionAsync(name, d => Remove(d, "2.0.0"));
        var rev = await step1.ShouldBeOkAsync(name);
        var step2 = await npm.ReadAsync(name);
        using var step3 = await npm.SendAsync(HttpMethod.Delete, $"/{name}/-/{name}-2.0.0.tgz/-rev/{step2["_rev"]}");
        using var repeated = await npm.SendAsync(HttpMethod.Delete, $"/{name}/-/{name}-2.0.0.tgz/-rev/1-{new string('0', 32)}");
        using var tarball = await npm.GetAsync($"/{name}/-/{name}-2.0.0.tgz");
        using var again = await npm.PutAsync($"/{name}", PublishBody.Npm(name, "2.0.0"));

        step2["_rev"]!.GetValue<string>().ShouldBe(rev);
        step2["versions"]!.AsObject().Select(v => v.Key).ShouldBe(["1.0.0", "3.0.0-beta"]);
        step2["time"]!.AsObject().ContainsKey("2.0.0").ShouldBeFalse();
        step2["dist-tags"]!.ToJsonString().ShouldBe("""{"beta":"3.0.0-beta","latest":"1.0.0"}""");
        (await step3.ShouldBeOkAsync(name), await repeated.ShouldBeOkAsync(name)).ShouldBe((rev, rev));
        tarball.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        await again.ShouldBeRefusedAsync(403, "version_retired");
    }

    [Fact]
    public async Task Latest_goes_to_what_the_client_says_else_to_the_highest_release_and_other_tags_go()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        foreach (var (version, tag) in new[] { ("1.0.0", "latest"), ("2.0.0", "latest"), ("1.5.0", "old"), ("3.0.0-rc", "next"), ("4.0.0", "latest") })
        {
            await system.PublishedAsync(user, name, version, tag);
        }

        using var npm = new NpmClient(system, user);

        using var said = await npm.UpdateRevisionAsync(name, d => Remove(d, "4.0.0", latest: "1.5.0"));
        await said.ShouldBeOkAsync(name);
        var first = (await npm.ReadAsync(name))["dist-tags"]!.ToJsonString();
        using var notSaid = await npm.UpdateRevisionAsync(name, d => Remove(d, "1.5.0", latest: "9.9.9"));
        await notSaid.ShouldBeOkAsync(name);
        var second = (await npm.ReadAsync(name))["dist-tags"]!.ToJsonString();

        first.ShouldBe("""{"latest":"1.5.0","next":"3.0.0-rc","old":"1.5.0"}""");
        second.ShouldBe("""{"latest":"2.0.0","next":"3.0.0-rc"}""");
    }

    [Fact]
    public async Task With_its_last_version_the_package_goes()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        await system.PublishedAsync(user, name);
        using var npm = new NpmClient(system, user);

        using var removed = await npm.UpdateRevisionAsync(name, d => d["versions"] = new JsonObject());
        using var gone = await npm.GetAsync($"/{name}?write=true");
        using var again = await npm.PutAsync($"/{name}", PublishBody.Npm(name));
        using var next = await npm.PutAsync($"/{name}", PublishBody.Npm(name, "1.0.1"));

        (await removed.ShouldBeOkAsync(name)).ShouldBeNull();
        await gone.ShouldBeRefusedAsync(404, "package_not_found");
        await again.ShouldBeRefusedAsync(403, "version_retired");
        await next.ShouldBeOkAsync(name, 201);
    }

    [Fact]
    public async Task A_tarball_that_is_deleted_without_the_steps_before_takes_its_version_along()
    {
        var (user, name) = (await system.NewUserAsync(), $"@{PackageSystem.NewName("s")}/x");
        await system.PublishedAsync(user, name, "1.0.0");
        var rev = await system.PublishedAsync(user, name, "2.0.0");
        using var npm = new NpmClient(system, user);

        using var stale = await npm.SendAsync(HttpMethod.Delete, $"/{name}/-/x-2.0.0.tgz/-rev/1-{new string('0', 32)}");
        using var removed = await npm.SendAsync(HttpMethod.Delete, $"/{name}/-/x-2.0.0.tgz/-rev/{rev}");

        await stale.ShouldBeRefusedAsync(409, "revision_conflict");
        await removed.ShouldBeOkAsync(name);
        (await npm.ReadAsync(name))["versions"]!.AsObject().Select(v => v.Key).ShouldBe(["1.0.0"]);
    }

    [Fact]
    public async Task Who_may_not_and_what_is_stale_or_absent_is_refused()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        var old = await system.PublishedAsync(user, name, "1.0.0");
        var rev = await system.PublishedAsync(user, name, "2.0.0");
        using var npm = new NpmClient(system, user);
        using var stranger = new NpmClient(system, await system.NewUserAsync());
        using var nobody = new NpmClient(system, Caller.Anonymous);
        var body = await npm.ReadAsync(name);
        Remove(body, "1.0.0");
        var unsaid = body.DeepClone().AsObject();
        unsaid.Remove("_rev");

        foreach (var (request, status, code) in new (Func<Task<HttpResponseMessage>>, int, string)[]
        {
            (() => nobody.PutAsync($"/{name}/-rev/{rev}", body), 401, "login_required"),
            (() => stranger.PutAsync($"/{name}/-rev/{rev}", body), 403, "not_a_maintainer"),
            (() => npm.PutAsync($"/{name}/-rev/{old}", body), 409, "revision_conflict"),
            (() => npm.PutAsync($"/{name}/-rev/{old}", unsaid), 409, "revision_conflict"),
            (() => npm.PutAsync($"/{name}/-rev/undefined", unsaid), 409, "revision_conflict"),
            (() => nobody.SendAsync(HttpMethod.Delete, $"/{name}/-/{name}-1.0.0.tgz/-rev/{rev}"), 401, "login_required"),
            (() => stranger.SendAsync(HttpMethod.Delete, $"/{name}/-/{name}-1.0.0.tgz/-rev/{rev}"), 403, "not_a_maintainer"),
            (() => npm.SendAsync(HttpMethod.Delete, $"/{name}/-/other-1.0.0.tgz/-rev/{rev}"), 404, "tarball_not_found"),
            (() => npm.SendAsync(HttpMethod.Delete, $"/{PackageSystem.NewName()}/-rev/{rev}"), 404, "package_not_found"),
        })
        {
            using var response = await request();
            await response.ShouldBeRefusedAsync(status, code);
        }

        (await npm.ReadAsync(name))["_rev"]!.GetValue<string>().ShouldBe(rev);
    }

    /// <summary>As npm does it before step 1.</summary>
    private static void Remove(JsonObject document, string version, string? latest = null)
    {
        document["versions"]!.AsObject().Remove(version);
        document.Remove("_attachments");
        foreach (var tag in document["dist-tags"]!.AsObject().Where(tag => tag.Value!.GetValue<string>() == version).Select(tag => tag.Key).ToList())
        {
            document["dist-tags"]!.AsObject().Remove(tag);
        }

        if (latest is not null)
        {
            document["dist-tags"]!["latest"] = latest;
        }
    }
}
