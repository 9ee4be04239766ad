using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Http.Packages;
using Registry.PackageService.Data;
using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Packages;
using Registry.PackageService.Tests.Proxying;
using Registry.PackageService.Tests.Running;
using Registry.Testing;
using Registry.Testing.Upstreams;

using static Registry.PackageService.Tests.Features.UpstreamSearch.SearchedUpstreams;

namespace Registry.PackageService.Tests.Features.UpstreamSearch;

/// <summary>All upstreams are searched at once, and what they find is what could be installed (M13, M22, M46, N11, complaints 4 and 22).</summary>
public sealed class UpstreamSearchTests(PackageSystem system) : IAsyncLifetime
{
    private readonly string _text = PackageSystem.NewName("find");
    private NpmUpstream _npm = null!;
    private NpmUpstream _custom = null!;
    private ProxySystem _proxy = null!;

    public async ValueTask InitializeAsync()
    {
        _npm = await NpmUpstream.StartAsync();
        _custom = await NpmUpstream.StartAsync();
        _proxy = await ProxySystem.StartAsync(
            system,
            ProxySystem.Entry(_npm, edit: static entry => entry["priority"] = 20),
            ProxySystem.Entry(_custom.Url, "custom", edit: static entry => entry["priority"] = 10));
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _npm.DisposeAsync();
        await _custom.DisposeAsync();
    }

    [Fact]
    public async Task Three_registries_are_asked_at_once_and_one_that_hangs_makes_the_answer_partial_not_slow()
    {
        await using var hanging = await NpmUpstream.StartAsync();
        hanging.Fault = HangAsync;
        var (npm, custom, hangs) = ("npm-" + _text, "custom-" + _text, "hangs-" + _text);
        _proxy.Write(
            ProxySystem.Entry(hanging, hangs, static entry => entry["priority"] = 5),
            ProxySystem.Entry(_npm, npm, static entry => entry["priority"] = 20),
            ProxySystem.Entry(_custom.Url, "custom", custom, static entry => entry["priority"] = 10));
        var host = await _proxy.AddHostAsync();
        _npm.Add($"{_text}-a", "1.0.0", manifest: new JsonObject { ["description"] = "from npm" });
        _custom.Fault = Answer(("/search", new { results = new[] { new { name = $"{_text}-b", version = "2.0.0", description = "from custom", license = "MIT" } } }));
        var started = Stopwatch.StartNew();

        var found = await SearchAsync(host, _text);

        started.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(3));
        found.Results.ShouldBe([
            new UpstreamSearchResult(custom, $"{_text}-b", "2.0.0", "from custom", null, null, "MIT"),
            new UpstreamSearchResult(npm, $"{_text}-a", "1.0.0", "from npm", null, null, null)]);
        found.Failures.ShouldBe([new UpstreamSearchFailure(hangs, $"The registry '{hangs}' did not answer within 700 ms.")]);
        found.Asked!.Select(static asked => (asked.Upstream, asked.Outcome)).ShouldBe([(hangs, "too slow"), (custom, "answered"), (npm, "answered")]);
    }

    [Fact]
    public async Task A_name_that_several_have_comes_from_the_first_by_priority()
    {
        _npm.Add(_text, "1.0.0");
        _npm.Add($"{_text}-x", "1.0.0");
        _custom.Fault = Answer(("/search", new { results = new[] { new { name = _text, version = "9.0.0" } } }));

        var found = await SearchAsync(_proxy.Host, _text);

        found.Results.Select(static result => (result.Name, result.Version)).ShouldBe([(_text, "9.0.0"), ($"{_text}-x", "1.0.0")]);
        found.Failures.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_or_was_published_here_hides_its_name_in_every_spelling()
    {
        var owner = await system.NewUserAsync();
        await system.PublishedAsync(owner, $"a-b{_text}");
        await system.PublishedAsync(owner, $"@{_text}/hidden", access: RequestedAccess.Restricted);
        var rev = await system.PublishedAsync(owner, $"{_text}-gone");
        using (var npm = system.Npm(owner))
        using (var gone = await npm.DeleteAsync(new Uri($"/{_text}-gone/-rev/{rev}", UriKind.Relative)))
        {
            gone.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        string[] theirs = [$"a-b{_text}", $"A_b{_text}", $"ab{_text}", $"@{_text}/hidden", $"@{_text}/hid-den", $"{_text}-gone", $"{_text}.gone", $"{_text}-theirs"];
        foreach (var name in theirs)
        {
            _npm.Add(name, "9.9.9");
        }

        (await SearchAsync(_proxy.Host, _text)).Results.Select(static result => result.Name).ShouldBe([$"{_text}-theirs"]);
    }

    [Fact]
    public async Task What_is_published_here_from_now_on_is_hidden_at_once()
    {
        _npm.Add(_text, "1.0.0");
        (await SearchAsync(_proxy.Host, _text)).Results.ShouldHaveSingleItem();

        await system.PublishedAsync(await system.NewUserAsync(), _text);

        (await SearchAsync(_proxy.Host, _text)).Results.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_rules_keep_out_is_not_found_and_changed_rules_hold()
    {
        var name = PackageSystem.NewName("up");
        _proxy.Write(ProxySystem.Entry(_npm, name, entry => entry["block"] = new JsonArray($"{_text}-bad*")));
        var host = await _proxy.AddHostAsync();
        _npm.Add($"{_text}-bad1", "1.0.0");
        _npm.Add($"{_text}-good", "1.0.0");
        (await SearchAsync(host, _text)).Results.Select(static result => result.Name).ShouldBe([$"{_text}-good"]);

        _proxy.Write(ProxySystem.Entry(_npm, name, entry => entry["allow"] = new JsonArray($"{_text}-bad1")));

        await Eventually.ShouldHoldAsync(
            async () => (await SearchAsync(host, _text)).Results.Select(static result => result.Name).SequenceEqual([$"{_text}-bad1"]), "the new rules hold");
    }

    [Fact]
    public async Task What_could_not_be_installed_is_left_out()
    {
        string[] names = [$".{_text}", $"{_text} x", $"@{_text}", $"a/{_text}", $"@a%2f{_text}", new string('a', 200) + _text, $"ok-{_text}"];
        foreach (var name in names)
        {
            _npm.Add(name, "1.0.0");
        }

        (await SearchAsync(_proxy.Host, _text)).Results.Select(static result => result.Name).ShouldBe([$"ok-{_text}"]);
    }

    [Fact]
    public async Task A_repository_of_GitHub_is_named_as_it_is_installed()
    {
        _proxy.Write(ProxySystem.Entry(_custom.Url, "github"));
        var host = await _proxy.AddHostAsync();
        _custom.Fault = Answer(
            ("/search/repositories", new { items = new[] { new { full_name = $"Octo/{_text}", description = "A tool" } } }),
            ($"/repos/Octo/{_text}/releases/latest", new { tag_name = "v1.2.3" }));

        (await SearchAsync(host, _text)).Results.Select(static result => (result.Name, result.Version)).ShouldBe([($"@Octo/{_text}", "1.2.3")]);
    }

    [Fact]
    public async Task The_same_search_is_asked_once_at_a_time_and_kept()
    {
        _npm.Add(_text, "1.0.0");

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SearchAsync(_proxy.Host, _text)));
        var again = await SearchAsync(_proxy.Host, $" {_text}\u0000 ");

        again.Asked!.ShouldAllBe(static asked => asked.Cache == "fresh");
        again.Results.ShouldHaveSingleItem();
        _npm.CountOf($"/-/v1/search?text={_text}&size=20").ShouldBe(1);
        _custom.CountOf($"/search?q={_text}").ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_that_came_too_late_is_there_the_next_time()
    {
        var release = new TaskCompletionSource();
        _npm.Add(_text, "1.0.0");
        _npm.Fault = Faults.Until(release.Task);
        (await SearchAsync(_proxy.Host, _text)).Failures.ShouldHaveSingleItem();

        release.SetResult();

        await Eventually.ShouldHoldAsync(async () => (await SearchAsync(_proxy.Host, _text)).Results.Count == 1, "the late answer was kept");
        _npm.CountOf($"/-/v1/search?text={_text}&size=20").ShouldBe(1);
    }

    [Fact]
    public async Task An_upstream_that_is_known_to_fail_is_not_asked()
    {
        _npm.Fault = FailAsync;
        await Eventually.ShouldHoldAsync(
            async () => (await SearchAsync(_proxy.Host, PackageSystem.NewName())).Asked![1] is { Outcome: "not asked", Milliseconds: 0 }, "it is not asked any more");
        _npm.ForgetRequests();

        var found = await SearchAsync(_proxy.Host, _text);

        found.Failures.ShouldHaveSingleItem().Message.ShouldEndWith("does not answer at the moment.");
        _npm.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_upstream_that_hangs_is_not_heaped_with_searches()
    {
        var (now, most, gate) = (0, 0, new Lock());
        _npm.Fault = async context =>
        {
            var isSearch = context.Request.Path == "/-/v1/search"; // and not whether it answers
            Count(isSearch ? 1 : 0);
            await HangAsync(context);
            Count(isSearch ? -1 : 0);
            return true;
        };

        var found = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => SearchAsync(_proxy.Host, PackageSystem.NewName())));

        found.ShouldAllBe(static answer => answer.Failures.Count == 1);
        most.ShouldBeInRange(1, 8);

        void Count(int more)
        {
            lock (gate)
            {
                most = Math.Max(most, now += more);
            }
        }
    }

    [Theory]
    [InlineData("loft", true)]
    [InlineData("nowhere", true)]
    [InlineData("main", false)]
    public async Task A_repository_that_uses_no_upstreams_asks_none(string repository, bool enabled)
    {
        _npm.Add(_text, "1.0.0");
        var host = await _proxy.AddHostAsync(("Upstreams:Enabled", enabled ? "true" : "false"));

        var found = await SearchAsync(host, _text, repository);

        (found.Results.Count + found.Failures.Count + found.Asked!.Count).ShouldBe(0);
        _npm.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_repository_for_those_with_an_account_shows_nothing_to_others()
    {
        var repository = PackageSystem.NewName("repo");
        await using (var scope = _proxy.Host.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<PackageDbContext>();
            db.Add(new PackageRepository { Name = repository, ReadAccess = ReadAccess.SignedIn, UsesUpstreams = true });
            await db.SaveChangesAsync();
        }

        _npm.Add(_text, "1.0.0");

        (await SearchAsync(_proxy.Host, _text, repository)).Results.ShouldBeEmpty();
        _npm.Requests.ShouldBeEmpty();
        (await SearchAsync(_proxy.Host, _text, repository, signedIn: true)).Results.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Text_and_size_are_bounded()
    {
        foreach (var i in Enumerable.Range(0, 5))
        {
            _npm.Add($"{_text}-{i}", "1.0.0");
        }

        (await SearchAsync(_proxy.Host, _text, size: 2)).Results.Count.ShouldBe(2);
        (await SearchAsync(_proxy.Host, _text, size: 0)).Results.Count.ShouldBe(1);
        (await SearchAsync(_proxy.Host, _text, size: 100_000)).Results.Count.ShouldBe(5);
        await SearchAsync(_proxy.Host, new string('x', 5000));
        _npm.CountOf($"/-/v1/search?text={new string('x', 256)}&size=20").ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?repository=main")]
    [InlineData("?repository=main&text=")]
    [InlineData("?text=a")]
    [InlineData("?repository=main&text=a&size=x")]
    public async Task A_search_without_repository_or_text_is_refused(string query)
    {
        using var answer = await GetAsync(_proxy.Host, query);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Only_services_search_here()
    {
        using var user = _proxy.Npm(TestKeys.User("root", isAdministrator: true));
        using var stranger = _proxy.Host.ClientForStranger();
        var target = new Uri($"{PackageRoutes.UpstreamSearch}?repository=main&text=a", UriKind.Relative);

        using var forbidden = await user.GetAsync(target);
        using var unauthenticated = await stranger.GetAsync(target);

        forbidden.StatusCode.ShouldBeOneOf(HttpStatusCode.Forbidden, HttpStatusCode.NotFound);
        unauthenticated.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }
}
