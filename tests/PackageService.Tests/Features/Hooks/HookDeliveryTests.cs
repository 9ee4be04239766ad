using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Tests.Running;
using Registry.Testing;

namespace Registry.PackageService.Tests.Features.Hooks;

/// <summary>What hooks are told, by a receiver that listens.</summary>
[Collection(nameof(HookSystem))]
public sealed class HookDeliveryTests(HookSystem hooks)
{
    [Fact]
    public async Task A_publish_is_told_signed_and_with_the_packument()
    {
        await using var receiver = await HookReceiver.StartAsync();
        var (user, name) = (await hooks.NewUserAsync(), PackageSystem.NewName());
        var id = await hooks.HookAsync(user, "package", name, receiver.Url);

        await hooks.PublishAsync(user, name);
        await hooks.UntilAsync(user, id, static newest => newest["state"]!.GetValue<string>() == "delivered");

        var (path, signature, body) = receiver.Received.ShouldHaveSingleItem();
        var told = JsonNode.Parse(body)!;
        path.ShouldBe("/told");
        signature.ShouldBe($"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes("s3cret"), body))}");
        (Text(told["event"]), Text(told["name"]), Text(told["type"]), Text(told["version"])).ShouldBe(("package:publish", name, "package", "1.0.0"));
        (Text(told["hookOwner"]!["username"]), Text(told["change"]!["version"])).ShouldBe((user.UserName, "1.0.0"));
        told["payload"]!["versions"]!["1.0.0"]!["dist"]!["tarball"]!.GetValue<string>().ShouldStartWith($"http://registry.test/{name}/-/");
        told["time"]!.GetValue<long>().ShouldBeGreaterThan(1_500_000_000_000);
        using var client = hooks.Npm(user);
        var hook = (await client.GetFromJsonAsync<JsonObject>($"/-/npm/v1/hooks/hook/{id}"))!;
        (hook["delivered"]!.GetValue<bool>(), hook["response_code"]!.GetValue<int>(), Text(hook["status"])).ShouldBe((true, 200, "active"));
        hook["last_delivery"].ShouldNotBeNull();
    }

    [Fact]
    public async Task A_failure_is_tried_again_later_and_shown_meanwhile()
    {
        await using var receiver = await HookReceiver.StartAsync();
        receiver.Status = _ => receiver.Received.IsEmpty ? 500 : 204;
        var (user, name) = (await hooks.NewUserAsync(), PackageSystem.NewName());
        var id = await hooks.HookAsync(user, "owner", user.UserName!, receiver.Url);

        await hooks.PublishAsync(user, name);
        await hooks.UntilAsync(user, id, static newest => newest["failure"] is not null);
        var waiting = (await hooks.DeliveriesAsync(user, id)).ShouldHaveSingleItem();
        await hooks.WithDatabaseAsync(db => db.HookDeliveries.Where(d => d.HookId == Guid.Parse(id)).ExecuteUpdateAsync(set => set.SetProperty(d => d.DueAt, DateTimeOffset.UnixEpoch)));
        await hooks.UntilAsync(user, id, static newest => newest["state"]!.GetValue<string>() == "delivered");

        (Text(waiting["state"]), waiting["attempts"]!.GetValue<int>(), waiting["responseCode"]!.GetValue<int>()).ShouldBe(("waiting", 1, 500));
        (waiting["nextAt"]!.GetValue<DateTimeOffset>() - waiting["attemptedAt"]!.GetValue<DateTimeOffset>()).TotalSeconds.ShouldBeInRange(25, 60);
        var after = (await hooks.DeliveriesAsync(user, id)).ShouldHaveSingleItem();
        (after["attempts"]!.GetValue<int>(), after["responseCode"]!.GetValue<int>(), receiver.Received.Count).ShouldBe((2, 204, 2));
    }

    [Fact]
    public async Task After_the_last_attempt_a_delivery_is_given_up()
    {
        await using var receiver = await HookReceiver.StartAsync();
        receiver.Status = static _ => 503;
        var (user, name) = (await hooks.NewUserAsync(), PackageSystem.NewName());
        var id = await hooks.HookAsync(user, "package", name, receiver.Url);
        await hooks.PublishAsync(user, name);
        await hooks.UntilAsync(user, id, static newest => newest["failure"] is not null);

        await hooks.WithDatabaseAsync(db => db.HookDeliveries.Where(d => d.HookId == Guid.Parse(id))
            .ExecuteUpdateAsync(set => set.SetProperty(d => d.DueAt, DateTimeOffset.UnixEpoch).SetProperty(d => d.Attempts, 4)));
        await hooks.UntilAsync(user, id, static newest => newest["state"]!.GetValue<string>() == "failed");

        (await hooks.DeliveriesAsync(user, id)).ShouldHaveSingleItem()["attempts"]!.GetValue<int>().ShouldBe(5);
    }

    [Fact]
    public async Task A_redirect_is_an_answer_and_not_followed()
    {
        await using var receiver = await HookReceiver.StartAsync();
        receiver.Status = context =>
        {
            context.Response.Headers.Location = "/elsewhere";
            return 307;
        };
        var (user, name) = (await hooks.NewUserAsync(), PackageSystem.NewName());
        var id = await hooks.HookAsync(user, "package", name, receiver.Url);

        await hooks.PublishAsync(user, name);
        await hooks.UntilAsync(user, id, static newest => newest["failure"] is not null);

        receiver.Received.ShouldHaveSingleItem().Path.ShouldBe("/told");
        (await hooks.DeliveriesAsync(user, id))[0]["responseCode"]!.GetValue<int>().ShouldBe(307);
    }

    /// <summary>Whoever names an endpoint must not have us ask what its certificate names: that is inside our network, or anywhere.</summary>
    [Fact]
    public async Task What_an_endpoints_certificate_names_is_not_fetched()
    {
        await using var named = await HookReceiver.StartAsync();
        using var authority = new TestAuthority();
        using var certificate = authority.Issue("127.0.0.2", issuerAt: new Uri(named.Url, "issuer.cer"));
        await using var endpoint = new UntrustedServer(IPAddress.Parse("127.0.0.2"), certificate);
        var (user, name) = (await hooks.NewUserAsync(), PackageSystem.NewName());
        var id = await hooks.HookAsync(user, "package", name, new Uri($"https://127.0.0.2:{endpoint.Port}/told"));

        await hooks.PublishAsync(user, name);
        await hooks.UntilAsync(user, id, static newest => newest["failure"] is not null);

        Text((await hooks.DeliveriesAsync(user, id))[0]["failure"]).ShouldBe("The endpoint's certificate is not valid.");
        named.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_name_that_leads_inside_is_not_connected_to()
    {
        await using var receiver = await HookReceiver.StartAsync("127.0.0.1");
        var (user, name) = (await hooks.NewUserAsync(), PackageSystem.NewName());
        var id = await hooks.HookAsync(user, "package", name, new UriBuilder(receiver.Url) { Host = "localhost" }.Uri);

        await hooks.PublishAsync(user, name);
        await hooks.UntilAsync(user, id, static newest => newest["failure"] is not null);

        receiver.Received.ShouldBeEmpty();
        Text((await hooks.DeliveriesAsync(user, id))[0]["failure"]).ShouldBe("The endpoint has no public address.");
    }

    [Fact]
    public async Task A_hook_hears_only_of_what_its_owner_may_read()
    {
        await using var receiver = await HookReceiver.StartAsync();
        var (owner, stranger, scope) = (await hooks.NewUserAsync(), await hooks.NewUserAsync(), $"@{PackageSystem.NewName("s")}");
        var strangers = await hooks.HookAsync(stranger, "scope", scope, receiver.Url);
        await hooks.PublishAsync(owner, $"{scope}/hidden", access: RequestedAccess.Restricted);
        await hooks.PublishAsync(owner, $"{scope}/open");

        await hooks.UntilAsync(stranger, strangers, static newest => newest["state"]!.GetValue<string>() == "delivered");

        Text(JsonNode.Parse(receiver.Received.ShouldHaveSingleItem().Body)!["name"]).ShouldBe($"{scope}/open");
        (await hooks.DeliveriesAsync(stranger, strangers)).Select(static delivery => Text(delivery["package"])).ShouldBe([$"{scope}/open"]);
    }

    [Fact]
    public async Task A_hook_hears_of_what_a_team_of_its_owner_was_given()
    {
        await using var receiver = await HookReceiver.StartAsync();
        var ((scope, founder), member, stranger) = (await hooks.Around.NewOrganisationAsync(), await hooks.NewUserAsync(), await hooks.NewUserAsync());
        await hooks.Around.PutOnAuthAsync(founder, $"/-/org/{scope}/user", new { user = member.UserName, role = "developer" });
        var (members, strangers) = (await hooks.HookAsync(member, "scope", $"@{scope}", receiver.Url), await hooks.HookAsync(stranger, "scope", $"@{scope}", receiver.Url));

        await hooks.PublishAsync(founder, $"@{scope}/ours", access: RequestedAccess.Restricted);
        await hooks.UntilAsync(member, members, static newest => newest["state"]!.GetValue<string>() == "delivered");

        var told = JsonNode.Parse(receiver.Received.ShouldHaveSingleItem().Body)!;
        (Text(told["name"]), Text(told["hookOwner"]!["username"])).ShouldBe(($"@{scope}/ours", member.UserName));
        (await hooks.DeliveriesAsync(stranger, strangers)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_removal_of_what_everyone_could_read_is_told_by_name()
    {
        await using var receiver = await HookReceiver.StartAsync();
        var (user, name) = (await hooks.NewUserAsync(), PackageSystem.NewName());
        await hooks.PublishAsync(user, name);
        var id = await hooks.HookAsync(user, "package", name, receiver.Url);
        using var client = hooks.Npm(user);
        var rev = Text((await client.GetFromJsonAsync<JsonObject>($"/{name}"))!["_rev"]);
        using var removal = await client.DeleteAsync($"/{name}/-rev/{rev}");

        await hooks.UntilAsync(user, id, static newest => newest["state"]!.GetValue<string>() == "delivered");

        var told = JsonNode.Parse(receiver.Received.ShouldHaveSingleItem().Body)!;
        (Text(told["event"]), told["payload"]!.ToJsonString()).ShouldBe(("package:unpublish", $$"""{"_id":"{{name}}","name":"{{name}}"}"""));
    }

    [Fact]
    public async Task Two_processes_tell_each_change_once()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var other = await hooks.StartAsync();
        var (user, scope) = (await hooks.NewUserAsync(), $"@{PackageSystem.NewName("s")}");
        var id = await hooks.HookAsync(user, "scope", scope, receiver.Url);
        var names = Enumerable.Range(0, 6).Select(i => $"{scope}/p{i}").ToList();
        foreach (var name in names)
        {
            await hooks.PublishAsync(user, name);
        }

        await hooks.UntilAsync(user, id, newest => Text(newest["package"]) == names[^1] && newest["state"]!.GetValue<string>() == "delivered");
        await Testing.Eventually.ShouldHoldAsync(() => receiver.Received.Count >= names.Count, "all were told");

        receiver.Received.Select(static told => Text(JsonNode.Parse(told.Body)!["name"])).ShouldBe(names, ignoreOrder: true);
    }

    private static string Text(JsonNode? node) => node!.GetValue<string>();
}
