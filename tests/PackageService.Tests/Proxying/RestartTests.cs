using System.Net;
using System.Text.Json.Nodes;

using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Http;
using Registry.PackageService.Packages;
using Registry.PackageService.Tests.Running;
using Registry.Testing;
using Registry.Testing.Upstreams;

namespace Registry.PackageService.Tests.Proxying;

/// <summary>What is kept belongs to no process and to no base URL: it outlives both (complaints 6, 7), and is told to those only who may read it.</summary>
public sealed class RestartTests(PackageSystem system) : IAsyncLifetime
{
    private static readonly (string Name, string Value) Abbreviated = ("Accept", "application/vnd.npm.install-v1+json");

    private readonly string _name = PackageSystem.NewName();
    private readonly string _upstreamName = PackageSystem.NewName("up");
    private NpmUpstream _upstream = null!;
    private NpmUpstream _second = null!;
    private ProxySystem _proxy = null!;

    private string Tarball => $"/{_name}/-/{_name}-1.0.0.tgz";

    public async ValueTask InitializeAsync()
    {
        _upstream = await NpmUpstream.StartAsync();
        _second = await NpmUpstream.StartAsync();
        _upstream.Add(_name, "1.0.0");
        _proxy = await ProxySystem.StartAsync(system, ProxySystem.Entry(_upstream, _upstreamName));
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _upstream.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task A_new_process_serves_what_another_one_kept_without_the_upstream()
    {
        string[] paths = [$"/{_name}", $"/{_name}/1.0.0", $"/-/package/{_name}/dist-tags", Tarball];
        foreach (var path in paths)
        {
            using var answer = await _proxy.GetAsync(path);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        _upstream.Fault = Faults.Reset; // as good as gone, but whoever asks is seen
        var asked = _upstream.Requests.Count;
        var next = await _proxy.AddHostAsync();

        foreach (var path in paths)
        {
            using var answer = await _proxy.GetAsync(path, next);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        using var abbreviated = await _proxy.GetAsync($"/{_name}", next, Abbreviated);
        abbreviated.StatusCode.ShouldBe(HttpStatusCode.OK);
        _upstream.Requests.Count.ShouldBe(asked);
    }

    [Fact]
    public async Task An_upstream_that_moved_is_asked_where_it_is_now_for_tarballs_too()
    {
        await _proxy.VersionsAsync(_name, null, Abbreviated); // the form whose links tarballs are fetched by
        var bytes = _second.Add(_name, "1.0.0");
        await _upstream.CloseAsync();
        _proxy.Write(ProxySystem.Entry(_second, _upstreamName));

        await Eventually.ShouldHoldAsync(
            async () =>
            {
                await _proxy.VersionsAsync(_name, null, Abbreviated);
                return _second.CountOf($"/{_name}") > 0;
            },
            "the next read uses it", withinSeconds: 3);
        using var tarball = await _proxy.GetAsync(Tarball);

        (await tarball.Content.ReadAsByteArrayAsync()).ShouldBe(bytes);
        _second.CountOf(Tarball).ShouldBe(1);
    }

    [Fact]
    public async Task A_tarball_that_is_stored_is_not_asked_for_again_after_a_move()
    {
        using (var before = await _proxy.GetAsync(Tarball))
        {
            before.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        _second.Add(_name, "1.0.0");
        _proxy.Write(ProxySystem.Entry(_second, _upstreamName));
        await Eventually.ShouldHoldAsync(
            async () =>
            {
                using var after = await _proxy.GetAsync(Tarball);
                return after.Headers.Contains(InternalHeaders.Blob) && _second.Requests.Count > 0;
            },
            "the file is read", withinSeconds: 3);

        _second.CountOf(Tarball).ShouldBe(0);
    }

    [Fact]
    public async Task A_tarball_that_is_stored_and_not_what_is_promised_now_is_fetched_again()
    {
        using (var before = await _proxy.GetAsync(Tarball))
        {
            before.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        var repacked = _second.Add(_name, "1.0.0", "the same version, packed again"u8.ToArray());
        _proxy.Write(ProxySystem.Entry(_second, _upstreamName));

        await Eventually.ShouldHoldAsync(
            async () =>
            {
                using var after = await _proxy.GetAsync(Tarball);
                return (await after.Content.ReadAsByteArrayAsync()).SequenceEqual(repacked);
            },
            "clients get the bytes their packument promises", withinSeconds: 3);
        using var stored = await _proxy.GetAsync(Tarball);
        stored.Headers.Contains(InternalHeaders.Blob).ShouldBeTrue();
        _second.CountOf(Tarball).ShouldBe(1);
    }

    [Fact]
    public async Task What_another_process_forgot_to_make_room_is_no_absence_here()
    {
        await _proxy.VersionsAsync(_name);
        var elsewhere = TestKeys.Mount(Contracts.Http.Dialects.Npm) with { PublicUrl = "http://elsewhere.test" }; // not rendered for it yet
        using var client = _proxy.Host.ClientFor(Caller.Anonymous, elsewhere);

        await ForgetAsync();
        using var packument = await client.GetAsync(new Uri($"/{_name}", UriKind.Relative));
        await ForgetAsync();
        using var manifest = await _proxy.GetAsync($"/{_name}/1.0.0");

        (packument.StatusCode, manifest.StatusCode).ShouldBe((HttpStatusCode.OK, HttpStatusCode.OK));
        _upstream.CountOf($"/{_name}").ShouldBe(3);
    }

    [Fact]
    public async Task What_another_process_has_learnt_since_is_served_while_the_upstream_fails()
    {
        _upstream.Fault = Faults.Status(500);
        (await _proxy.FailureAsync($"/{_name}")).Status.ShouldBe(503);
        _upstream.Fault = null;
        (await _proxy.VersionsAsync(_name, await _proxy.AddHostAsync())).ShouldBe(["1.0.0"]);
        await _proxy.ReadAsync(db => db.Database.ExecuteSqlAsync($"UPDATE upstream_packuments SET checked_at = now() - interval '1 day' WHERE name = {_name}"));
        _upstream.Fault = Faults.Status(500);

        (await _proxy.VersionsAsync(_name)).ShouldBe(["1.0.0"]);
    }

    [Fact]
    public async Task What_an_upstream_does_not_have_is_settled_while_it_fails_and_the_next_one_serves_what_it_has()
    {
        var (elsewhere, unknown) = (PackageSystem.NewName(), PackageSystem.NewName());
        _second.Add(elsewhere, "2.0.0");
        _proxy.Write(
            ProxySystem.Entry(_upstream, _upstreamName, static entry => entry["cache"] = new JsonObject { ["notFoundSeconds"] = 0 }),
            ProxySystem.Entry(_second, edit: static entry => entry["priority"] = 200));
        await Eventually.ShouldHoldAsync(async () => (await _proxy.GetAsync($"/{elsewhere}")).IsSuccessStatusCode, "the file is read");
        _upstream.Fault = Faults.Status(500);

        for (var i = 0; i < 5; i++) // before the circuit opens, and after
        {
            (await _proxy.VersionsAsync(elsewhere)).ShouldBe(["2.0.0"]);
        }

        (await _proxy.FailureAsync($"/{unknown}")).Code.ShouldBe("upstream_unavailable");
        _second.CountOf($"/{unknown}").ShouldBe(0);
    }

    [Fact]
    public async Task Of_a_repository_for_members_strangers_learn_nothing_and_shared_caches_keep_nothing()
    {
        var repository = PackageSystem.NewName("r");
        await _proxy.ReadAsync(async db =>
        {
            db.Repositories.Add(new PackageRepository { Name = repository, ReadAccess = ReadAccess.SignedIn, UsesUpstreams = true });
            return await db.SaveChangesAsync();
        });
        var mount = TestKeys.Mount(Contracts.Http.Dialects.Npm) with { Repository = repository };
        using var stranger = _proxy.Host.ClientFor(Caller.Anonymous, mount);
        using var member = _proxy.Host.ClientFor(TestKeys.User("member"), mount);

        foreach (var path in (string[])[$"/{_name}", $"/{_name}/1.0.0", Tarball, Tarball])
        {
            using var hidden = await stranger.GetAsync(new Uri(path, UriKind.Relative));
            using var shown = await member.GetAsync(new Uri(path, UriKind.Relative));

            (hidden.StatusCode, shown.StatusCode).ShouldBe((HttpStatusCode.NotFound, HttpStatusCode.OK));
            (shown.Headers.CacheControl!.Private, shown.Headers.CacheControl.Public).ShouldBe((true, false));
        }
    }

    private Task<int> ForgetAsync() => _proxy.ReadAsync(db => db.UpstreamPackuments.Where(row => row.Name == _name).ExecuteDeleteAsync());
}
