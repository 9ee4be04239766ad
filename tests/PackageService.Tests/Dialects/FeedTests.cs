using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Events;
using Registry.Contracts.Http;
using Registry.PackageService.Data;
using Registry.PackageService.Features.Changes;
using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Packages;
using Registry.PackageService.Tests.Running;
using Registry.Testing;

namespace Registry.PackageService.Tests.Dialects;

/// <summary>npm's <c>/_changes</c>. Other tests change packages meanwhile: each looks at its own.</summary>
public sealed class FeedTests(PackageSystem system)
{
    [Fact]
    public async Task A_package_is_there_once_at_its_last_change_with_its_rev()
    {
        var (user, one, two) = (await system.NewUserAsync(), PackageSystem.NewName(), PackageSystem.NewName());
        var since = await HeadAsync();
        await system.PublishedAsync(user, one);
        var revOfTwo = await system.PublishedAsync(user, two);
        var revOfOne = await system.PublishedAsync(user, one, "1.1.0");

        var forwards = await OwnAsync($"since={since}&limit=10000", one, two);
        var backwards = await OwnAsync($"since={since}&limit=10000&descending=true", one, two);

        forwards.Select(static entry => entry.ToJsonString()).ShouldBe([Entry(two, revOfTwo), Entry(one, revOfOne)]);
        backwards.Select(static entry => entry.ToJsonString()).ShouldBe([Entry(one, revOfOne), Entry(two, revOfTwo)]);
    }

    [Fact]
    public async Task Pages_lead_from_one_to_the_next_without_gap_or_repeat_up_to_the_sequence_of_the_registry()
    {
        var (user, names) = (await system.NewUserAsync(), Enumerable.Range(0, 5).Select(static _ => PackageSystem.NewName()).ToList());
        var since = await HeadAsync();
        foreach (var name in names)
        {
            await system.PublishedAsync(user, name);
        }

        var (seen, before) = (new List<string>(), (await JsonAsync("/"))["update_seq"]!.GetValue<long>());
        JsonObject page;
        do
        {
            page = await JsonAsync($"/_changes?limit=2&since={since}");
            since = page["last_seq"]!.GetValue<long>();
            seen.AddRange(page["results"]!.AsArray().Select(static entry => entry!["id"]!.GetValue<string>()));
        }
        while (page["results"]!.AsArray().Count > 0);

        seen.Where(names.Contains).ShouldBe(names);
        since.ShouldBeGreaterThanOrEqualTo(before);
        since.ShouldBeLessThanOrEqualTo((await JsonAsync("/"))["update_seq"]!.GetValue<long>());
    }

    [Fact]
    public async Task What_never_was_public_is_there_for_its_readers_only_and_ends_without_a_word()
    {
        var (owner, hidden) = (await system.NewUserAsync(), $"@{PackageSystem.NewName("s")}/x");
        var since = await HeadAsync();
        var rev = await system.PublishedAsync(owner, hidden, access: RequestedAccess.Restricted);

        var strangers = await OwnAsync($"since={since}", await system.NewUserAsync(), hidden);
        var owners = await OwnAsync($"since={since}", owner, hidden);
        using var client = system.Npm(owner);
        using var removal = await client.DeleteAsync($"/{hidden}/-rev/{rev}");
        var removed = await OwnAsync($"since={since}", hidden);

        (strangers.Count, owners.Count, removal.StatusCode, removed.Count).ShouldBe((0, 1, HttpStatusCode.OK, 0));
    }

    [Fact]
    public async Task What_was_public_and_is_removed_is_deleted_where_it_was()
    {
        var (owner, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        var since = await HeadAsync();
        var rev = await system.PublishedAsync(owner, name);
        using var client = system.Npm(owner);
        using var removal = await client.DeleteAsync($"/{name}/-rev/{rev}");

        var entry = (await OwnAsync($"since={since}", name)).ShouldHaveSingleItem();

        entry["deleted"]!.GetValue<bool>().ShouldBeTrue();
        entry["changes"]![0]!["rev"]!.GetValue<string>().ShouldMatch($"^{entry["seq"]}-[0-9a-f]{{32}}$");
    }

    [Fact]
    public async Task What_everyone_could_read_once_is_deleted_there_for_strangers_and_lives_on_for_its_readers()
    {
        var (owner, name) = (await system.NewUserAsync(), $"@{PackageSystem.NewName("s")}/x");
        var since = await HeadAsync();
        await system.PublishedAsync(owner, name);
        var end = await RestrictAsync(name);
        var rev = await system.PublishedAsync(owner, name, "1.1.0", access: RequestedAccess.Restricted);

        var strangers = (await OwnAsync($"since={since}", name)).ShouldHaveSingleItem();
        var owners = (await OwnAsync($"since={since}", owner, name)).ShouldHaveSingleItem();

        (strangers["seq"]!.GetValue<long>(), strangers["deleted"]!.GetValue<bool>()).ShouldBe((end, true));
        owners.ToJsonString().ShouldBe(Entry(name, rev));
    }

    [Fact]
    public async Task A_repository_for_those_with_an_account_has_no_feed_for_others_and_an_unknown_one_none()
    {
        var name = PackageSystem.NewName("r");
        await using (var scope = system.Packages.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<PackageDbContext>();
            db.Repositories.Add(new PackageRepository { Name = name, ReadAccess = ReadAccess.SignedIn });
            await db.SaveChangesAsync();
        }

        (await StatusAsync(Caller.Anonymous, name), await StatusAsync(await system.NewUserAsync(), name), await StatusAsync(Caller.Anonymous, "nothing-there"))
            .ShouldBe((HttpStatusCode.NotFound, HttpStatusCode.OK, HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task Who_waits_is_told_when_something_changes()
    {
        var (user, name, since) = (await system.NewUserAsync(), PackageSystem.NewName(), (await HeadAsync()).ToString(System.Globalization.CultureInfo.InvariantCulture));
        var waiting = JsonAsync($"/_changes?feed=longpoll&since={since}");
        await system.PublishedAsync(user, name);

        var clock = Stopwatch.StartNew();
        var page = await waiting;
        while (!page["results"]!.AsArray().Any(entry => entry!["id"]!.GetValue<string>() == name) && clock.Elapsed < TimeSpan.FromSeconds(20))
        {
            page = await JsonAsync($"/_changes?feed=longpoll&since={page["last_seq"]}");
        }

        page["results"]!.AsArray().Select(static entry => entry!["id"]!.GetValue<string>()).ShouldContain(name);
    }

    [Fact]
    public async Task Nobody_waits_longer_than_said_nor_when_too_many_do_nor_for_headers_alone()
    {
        var watch = system.Packages.Services.GetRequiredService<ChangesWatch>();
        var clock = Stopwatch.StartNew();
        (await JsonAsync("/_changes?feed=longpoll&since=now&timeout=20")).ContainsKey("last_seq").ShouldBeTrue();
        using (var client = system.Npm())
        using (var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/_changes?feed=longpoll&since=now")))
        {
            head.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        Enumerable.Range(0, ChangesWatch.MostWaiting).Count(_ => watch.TryEnter()).ShouldBe(ChangesWatch.MostWaiting);
        (await JsonAsync("/_changes?feed=longpoll&since=now")).ContainsKey("last_seq").ShouldBeTrue();
        Enumerable.Range(0, ChangesWatch.MostWaiting).ToList().ForEach(_ => watch.Leave());

        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData("include_docs=true", "unsupported_feed")]
    [InlineData("feed=continuous", "unsupported_feed")]
    [InlineData("feed=eventsource", "unsupported_feed")]
    [InlineData("filter=app/mine", "unsupported_feed")]
    [InlineData("since=yesterday", "invalid_range")]
    [InlineData("since=-1", "invalid_range")]
    [InlineData("since=999999999999", "invalid_range")]
    [InlineData("limit=0", "invalid_range")]
    [InlineData("limit=many", "invalid_range")]
    [InlineData("feed=longpoll&timeout=soon", "invalid_range")]
    public async Task What_the_feed_does_not_have_is_refused(string query, string code)
    {
        using var answer = await system.GetNpmAsync($"/_changes?{query}");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadFromJsonAsync<JsonObject>())!["code"]!.GetValue<string>().ShouldBe(code);
    }

    private static string Entry(string name, string rev) => $$"""{"seq":{{rev.Split('-')[0]}},"id":"{{name}}","changes":[{"rev":"{{rev}}"}]}""";

    private async Task<long> HeadAsync() => (await JsonAsync("/_changes?since=now"))["last_seq"]!.GetValue<long>();

    private Task<List<JsonNode>> OwnAsync(string query, params string[] names) => OwnAsync(query, null, names);

    private async Task<List<JsonNode>> OwnAsync(string query, Caller? caller, params string[] names) =>
        [.. (await JsonAsync($"/_changes?{query}", caller))["results"]!.AsArray()
            .Select(static entry => entry!).Where(entry => names.Contains(entry["id"]!.GetValue<string>()))];

    private async Task<JsonObject> JsonAsync(string path, Caller? caller = null)
    {
        using var client = system.Npm(caller);
        using var answer = await client.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    private async Task<HttpStatusCode> StatusAsync(Caller caller, string repository)
    {
        using var client = system.Packages.ClientFor(caller, TestKeys.Mount(Contracts.Http.Dialects.Npm) with { Repository = repository });
        using var answer = await client.GetAsync("/_changes");
        return answer.StatusCode;
    }

    private async Task<long> RestrictAsync(string name)
    {
        await using var scope = system.Packages.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PackageDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var package = await db.Packages.SingleAsync(package => package.Name == name);
        package.Visibility = Visibility.Restricted;
        var change = await scope.ServiceProvider.GetRequiredService<ChangeLog>().AppendAsync("main", package, PackageChangeKind.Access, null, default);
        await transaction.CommitAsync();
        return change.Position;
    }
}
