using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Packages;
using Registry.PackageService.Data;
using Registry.PackageService.Proxying;
using Registry.PackageService.Tests.Features.Upstreams;
using Registry.PackageService.Tests.Proxying;
using Registry.PackageService.Tests.Publishing.Tarballs;
using Registry.PackageService.Tests.Running;
using Registry.ServiceDefaults;
using Registry.Testing;
using Registry.Testing.Upstreams;

namespace Registry.PackageService.Tests.Features.Eviction;

/// <summary>Room is made among what was proxied, and nowhere else (complaint 7).</summary>
public sealed class EvictionTests(OwnRegistry own) : IClassFixture<OwnRegistry>, IAsyncLifetime
{
    private readonly Caller _publisher = TestKeys.User(PackageSystem.NewName("user"));
    private KeptTarballs _kept = null!;

    public async ValueTask InitializeAsync() => _kept = await KeptTarballs.StartAsync(own);

    public ValueTask DisposeAsync() => _kept.DisposeAsync();

    [Fact]
    public async Task Those_used_longest_ago_leave_first_and_come_again_when_they_are_asked_for()
    {
        var host = await _kept.SmallAsync();
        var names = new[] { await _kept.ProxiedAsync(host), await _kept.ProxiedAsync(host), await _kept.ProxiedAsync(host), await _kept.ProxiedAsync(host), await _kept.ProxiedAsync(host) };
        await _kept.ReadAsync(names[0], host); // used again, and written down by who makes room

        var made = await KeptTarballs.EvictAsync(host);

        made.First.Select(static tarball => tarball.Name).ShouldBe([names[1], names[2]]);
        (made.DryRun, made.Tarballs, made.Bytes).ShouldBe((false, 2, 2 * KeptTarballs.Size));
        (await _kept.KeptAsync()).ShouldBe([names[0], names[3], names[4]], ignoreOrder: true);
        foreach (var name in names)
        {
            (await _kept.IsStoredAsync(KeptTarballs.BytesOf(name))).ShouldBe(name != names[1] && name != names[2]);
        }

        (await _kept.ReadAsync(names[1], host)).ShouldBe(KeptTarballs.BytesOf(names[1]));
        _kept.Upstream.CountOf($"/{names[1]}/-/{names[1]}-1.0.0.tgz").ShouldBe(2);
        (await KeptTarballs.EvictAsync(host)).First.Select(static tarball => tarball.Name).ShouldBe([names[3]]);
    }

    [Fact]
    public async Task What_is_published_never_leaves_not_even_when_it_is_proxied_too()
    {
        var host = await _kept.SmallAsync();
        var (ours, theirs) = (PackageSystem.NewName(), PackageSystem.NewName());
        var bytes = Tarball.Of(ours, "1.0.0");
        using (var npm = own.System.Npm(_publisher))
        using (var published = await npm.PutAsJsonAsync($"/{ours}", PublishBody.Npm(ours, tarball: bytes)))
        {
            published.StatusCode.ShouldBe(HttpStatusCode.Created);
        }

        _kept.Upstream.Add(theirs, "1.0.0", bytes);
        await _kept.ReadAsync(theirs, host);
        foreach (var _ in Enumerable.Range(0, 4))
        {
            await _kept.ProxiedAsync(host);
        }

        var made = await KeptTarballs.EvictAsync(host);

        made.First.Select(static tarball => tarball.Name).ShouldContain(theirs);
        (await _kept.IsStoredAsync(bytes)).ShouldBeTrue();
        using var again = own.System.Npm();
        using var answer = await again.GetAsync(new Uri($"/{ours}/-/{ours}-1.0.0.tgz", UriKind.Relative));
        answer.Headers.GetValues(InternalHeaders.Blob).ShouldHaveSingleItem().ShouldBe(KeptTarballs.DigestOf(bytes));
    }

    [Fact]
    public async Task Bytes_that_two_upstreams_have_stay_while_one_of_them_counts()
    {
        await using var second = await NpmUpstream.StartAsync();
        _kept.Proxy.Write(ProxySystem.Entry(_kept.Upstream, "one"), ProxySystem.Entry(second, "two", static entry => entry["priority"] = 200));
        var host = await _kept.SmallAsync();
        var (older, newer, bytes) = (PackageSystem.NewName(), PackageSystem.NewName(), RandomNumberGenerator.GetBytes(KeptTarballs.Size));
        _kept.Upstream.Add(older, "1.0.0", bytes);
        second.Add(newer, "1.0.0", bytes);
        await _kept.ReadAsync(older, host);
        await _kept.ProxiedAsync(host);
        await _kept.ProxiedAsync(host);
        await _kept.ReadAsync(newer, host);

        (await KeptTarballs.EvictAsync(host)).First.Select(static tarball => tarball.Name).ShouldBe([older]);

        (await _kept.IsStoredAsync(bytes)).ShouldBeTrue();
        foreach (var _ in Enumerable.Range(0, 3))
        {
            await _kept.ProxiedAsync(host);
        }

        (await KeptTarballs.EvictAsync(host)).First.Select(static tarball => tarball.Name).ShouldContain(newer);
        (await _kept.IsStoredAsync(bytes)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_dry_run_says_what_would_leave_and_changes_nothing()
    {
        var host = await _kept.SmallAsync();
        var names = new[] { await _kept.ProxiedAsync(host), await _kept.ProxiedAsync(host), await _kept.ProxiedAsync(host), await _kept.ProxiedAsync(host) };

        var dry = await KeptTarballs.EvictAsync(host, dryRun: true);

        (await _kept.KeptAsync()).ShouldBe(names, ignoreOrder: true);
        (await _kept.IsStoredAsync(KeptTarballs.BytesOf(names[0]))).ShouldBeTrue();
        var made = await KeptTarballs.EvictAsync(host);
        (dry.DryRun, made.DryRun).ShouldBe((true, false));
        (dry.Tarballs, dry.Bytes, dry.Packuments, dry.First.Single()).ShouldBe((made.Tarballs, made.Bytes, made.Packuments, made.First.Single()));
    }

    [Fact]
    public async Task What_nobody_used_for_long_leaves_however_much_room_there_is()
    {
        var host = await _kept.Proxy.AddHostAsync(("Upstreams:MaxIdleDays", "30"), ("Upstreams:KeepMinutes", "0"));
        var (old, young) = (await _kept.ProxiedAsync(host), await _kept.ProxiedAsync(host));
        await KeptTarballs.EvictAsync(host); // writes down what was used
        await _kept.AgeAsync(old, days: 31);
        await _kept.AgeAsync(young, days: 29);

        var made = await KeptTarballs.EvictAsync(host);

        made.First.ShouldHaveSingleItem().Name.ShouldBe(old);
        made.Packuments.ShouldBe(1);
        (await _kept.KeptAsync()).ShouldBe([young]);
    }

    [Fact]
    public async Task What_was_stored_just_now_stays_a_while()
    {
        var (host, patient) = (await _kept.SmallAsync(), await _kept.Proxy.AddHostAsync(("Upstreams:CacheBytes", "1048576")));
        var names = new[] { await _kept.ProxiedAsync(host), await _kept.ProxiedAsync(host), await _kept.ProxiedAsync(host), await _kept.ProxiedAsync(host) };

        (await KeptTarballs.EvictAsync(patient)).Tarballs.ShouldBe(0);
        (await _kept.KeptAsync()).ShouldBe(names, ignoreOrder: true);
    }

    [Fact]
    public async Task What_came_from_an_upstream_that_was_removed_leaves_and_comes_again_with_it()
    {
        var host = await _kept.SmallAsync();
        var name = await _kept.ProxiedAsync(host);
        await _kept.Proxy.TellAsync(HttpMethod.Delete, "/one");
        using (var gone = await _kept.Proxy.GetAsync($"/{name}", host))
        {
            gone.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        var made = await KeptTarballs.EvictAsync(host);

        (made.Tarballs, made.Packuments).ShouldBe((1, 1));
        (await KeptTarballs.CacheAsync(host)).Upstreams.ShouldBeEmpty();
        await _kept.Proxy.TellAsync(HttpMethod.Post, body: ProxySystem.Entry(_kept.Upstream, "one"));
        (await _kept.ReadAsync(name, host)).ShouldBe(KeptTarballs.BytesOf(name));
        (await _kept.Proxy.PackumentAsync(name, host))["versions"]!.AsObject().ShouldContainKey("1.0.0");
    }

    [Fact]
    public async Task A_packument_that_left_is_asked_for_again()
    {
        var host = await _kept.SmallAsync();
        var name = await _kept.ProxiedAsync(host);
        await _kept.Proxy.PackumentAsync(name, host);
        await own.EmptyAsync(); // as another process does it, whose memory this one does not see

        (await _kept.Proxy.PackumentAsync(name, host))["versions"]!.AsObject().ShouldContainKey("1.0.0");
        await own.EmptyAsync();
        using var tags = await _kept.Proxy.GetAsync($"/-/package/{name}/dist-tags", host);
        tags.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task While_upstreams_are_switched_off_nothing_counts_as_removed()
    {
        var name = await _kept.ProxiedAsync(_kept.Proxy.Host);
        var off = await _kept.Proxy.AddHostAsync(("Upstreams:Enabled", "false"), ("Upstreams:KeepMinutes", "0"));

        (await KeptTarballs.EvictAsync(off)).Tarballs.ShouldBe(0);
        (await _kept.KeptAsync()).ShouldBe([name]);
    }

    [Fact]
    public async Task An_absence_is_forgotten_after_an_hour()
    {
        var (host, absent, late) = (await _kept.SmallAsync(), PackageSystem.NewName(), PackageSystem.NewName());
        foreach (var name in new[] { absent, late })
        {
            using var answer = await _kept.Proxy.GetAsync($"/{name}", host);
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        (await KeptTarballs.EvictAsync(host)).Packuments.ShouldBe(0);
        await using (var db = own.NewContext())
        {
            await db.Database.ExecuteSqlAsync($"UPDATE upstream_packuments SET checked_at = now() - interval '61 minutes' WHERE name = {absent}");
        }

        (await KeptTarballs.EvictAsync(host)).Packuments.ShouldBe(1);
    }

    [Fact]
    public async Task Only_one_makes_room_at_a_time()
    {
        var (host, other) = (await _kept.SmallAsync(), await _kept.SmallAsync());
        foreach (var _ in Enumerable.Range(0, 6))
        {
            await _kept.ProxiedAsync(host);
        }

        await using (var db = own.NewContext())
        await using (await db.Database.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            (await db.TryLockEvictionAsync(TestContext.Current.CancellationToken)).ShouldBeTrue();

            using var refused = await KeptTarballs.AskAsync(other, dryRun: false);
            refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
            (await refused.ProblemAsync()).Code.ShouldBe("eviction_runs");
            (await KeptTarballs.EvictAsync(other, dryRun: true)).Tarballs.ShouldBe(3, "a dry run takes no turn");
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(number => KeptTarballs.AskAsync(number % 2 == 0 ? host : other, dryRun: false)));
        var made = new List<EvictionResponse>();
        foreach (var answer in answers.Where(static answer => answer.StatusCode != HttpStatusCode.Conflict))
        {
            made.Add((await answer.Content.ReadFromJsonAsync<EvictionResponse>(RegistryJson.Options))!);
        }

        made.Sum(static one => one.Tarballs).ShouldBe(3, "each left once");
        (await _kept.KeptAsync()).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Use_is_written_down_by_and_by_and_nobody_is_waited_for()
    {
        var (host, cancellation) = (await _kept.SmallAsync(), TestContext.Current.CancellationToken);
        var (held, free) = (await _kept.ProxiedAsync(host), await _kept.ProxiedAsync(host));
        await _kept.AgeAsync(held, days: 1);
        await _kept.AgeAsync(free, days: 1);
        await _kept.ReadAsync(held, host);
        await _kept.ReadAsync(free, host);
        await using var db = own.NewContext();
        await using (await db.Database.BeginTransactionAsync(cancellation))
        {
            await db.Database.ExecuteSqlAsync($"SELECT 1 FROM upstream_tarballs WHERE name = {held} FOR UPDATE", cancellation);

            await host.Services.GetRequiredService<UsageLog>().WriteAsync(cancellation);
        }

        var usedAt = await db.UpstreamTarballs.ToDictionaryAsync(static tarball => tarball.Name, static tarball => tarball.UsedAt, cancellation);
        (usedAt[free] - usedAt[held]).ShouldBeGreaterThan(TimeSpan.FromHours(23));
    }

    [Fact]
    public async Task What_is_kept_is_told_by_upstream()
    {
        await _kept.ProxiedAsync(_kept.Proxy.Host);
        using (var absent = await _kept.Proxy.GetAsync($"/{PackageSystem.NewName()}"))
        {
            absent.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        var kept = (await KeptTarballs.CacheAsync(_kept.Proxy.Host)).Upstreams.ShouldHaveSingleItem();

        (kept.Upstream, kept.Packuments, kept.Tarballs).ShouldBe(("one", 1, 1));
        kept.Bytes.ShouldBeGreaterThan(KeptTarballs.Size);
    }
}
