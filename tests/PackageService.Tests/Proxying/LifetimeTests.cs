using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Registry.PackageService.Tests.Running;
using Registry.Testing;
using Registry.Testing.Upstreams;

namespace Registry.PackageService.Tests.Proxying;

/// <summary>How long what an upstream said is relied on (M61, K28): packuments, absences and failures each have a time of their own.</summary>
public sealed class LifetimeTests(PackageSystem system) : IAsyncLifetime
{
    private readonly string _name = PackageSystem.NewName();
    private NpmUpstream _upstream = null!;
    private ProxySystem? _started;

    private ProxySystem Proxy => _started!;

    public async ValueTask InitializeAsync() => _upstream = await NpmUpstream.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await (_started?.DisposeAsync() ?? default);
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task Within_its_age_nobody_asks_again()
    {
        await StartAsync(maxAge: 300);
        _upstream.Add(_name, "1.0.0");

        for (var i = 0; i < 3; i++)
        {
            (await Proxy.VersionsAsync(_name)).ShouldBe(["1.0.0"]);
        }

        _upstream.CountOf($"/{_name}").ShouldBe(1);
    }

    [Fact]
    public async Task After_its_age_it_is_asked_for_with_what_is_kept_and_that_stays_when_nothing_changed()
    {
        await StartAsync(maxAge: 0);
        _upstream.Add(_name, "1.0.0");
        using var first = await Proxy.GetAsync($"/{_name}");

        using var second = await Proxy.GetAsync($"/{_name}");

        second.StatusCode.ShouldBe(HttpStatusCode.OK);
        second.Headers.ETag.ShouldBe(first.Headers.ETag);
        (await second.Content.ReadAsStringAsync()).ShouldBe(await first.Content.ReadAsStringAsync());
        (_upstream.CountOf($"/{_name}"), _upstream.Confirmations).ShouldBe((2, 1));
    }

    [Fact]
    public async Task After_its_age_what_is_new_is_there_at_once()
    {
        await StartAsync(maxAge: 0);
        _upstream.Add(_name, "1.0.0");
        (await Proxy.VersionsAsync(_name)).ShouldBe(["1.0.0"]);

        _upstream.Add(_name, "2.0.0");

        (await Proxy.VersionsAsync(_name)).ShouldBe(["1.0.0", "2.0.0"]);
        _upstream.Confirmations.ShouldBe(0);
    }

    [Fact]
    public async Task While_it_is_asked_for_again_the_old_one_is_served_without_waiting()
    {
        var gate = new TaskCompletionSource();
        await StartAsync(maxAge: 0, whileRevalidate: 300);
        _upstream.Add(_name, "1.0.0");
        await Proxy.VersionsAsync(_name);
        _upstream.Add(_name, "2.0.0");
        _upstream.Fault = Faults.Until(gate.Task);

        (await Proxy.VersionsAsync(_name)).ShouldBe(["1.0.0"]);
        await Eventually.ShouldHoldAsync(() => _upstream.CountOf($"/{_name}") == 2, "it is asked for again");
        gate.SetResult();

        await Eventually.ShouldHoldAsync(async () => (await Proxy.VersionsAsync(_name)).Length == 2, "those who come later get the new one");
    }

    [Fact]
    public async Task While_the_upstream_fails_the_old_one_is_served()
    {
        await StartAsync(maxAge: 0);
        _upstream.Add(_name, "1.0.0");
        await Proxy.VersionsAsync(_name);

        _upstream.Fault = Faults.Status(500);

        for (var i = 0; i < 6; i++) // before the circuit opens, and after
        {
            (await Proxy.VersionsAsync(_name)).ShouldBe(["1.0.0"]);
        }

        _upstream.Fault = null;
        _upstream.Add(_name, "2.0.0");
        await Eventually.ShouldHoldAsync(async () => (await Proxy.VersionsAsync(_name)).Length == 2, "the upstream is asked again");
    }

    [Fact]
    public async Task While_the_upstream_fails_it_is_not_asked_with_every_read()
    {
        await StartAsync(maxAge: 0, whileRevalidate: 300);
        _upstream.Add(_name, "1.0.0");
        await Proxy.VersionsAsync(_name);
        _upstream.Fault = Faults.Status(500);
        var clock = Stopwatch.StartNew();

        for (var i = 0; i < 50; i++)
        {
            (await Proxy.VersionsAsync(_name)).ShouldBe(["1.0.0"]);
        }

        _upstream.CountOf($"/{_name}").ShouldBeLessThanOrEqualTo(3 + (int)clock.Elapsed.TotalSeconds);
    }

    [Fact]
    public async Task What_nobody_wants_served_while_the_upstream_fails_is_not()
    {
        await StartAsync(maxAge: 0, ifError: 0);
        _upstream.Add(_name, "1.0.0");
        await Proxy.VersionsAsync(_name);

        _upstream.Fault = Faults.Status(500);

        (await Proxy.FailureAsync($"/{_name}")).Code.ShouldBe("upstream_unavailable");
    }

    [Fact]
    public async Task The_full_packument_stands_in_for_the_abbreviated_one_while_the_upstream_fails()
    {
        await StartAsync(maxAge: 300);
        _upstream.Add(_name, "1.0.0", manifest: new JsonObject { ["scripts"] = new JsonObject { ["test"] = "x" } });
        await Proxy.VersionsAsync(_name);
        _upstream.Fault = Faults.Status(500);

        using var answer = await Proxy.GetAsync($"/{_name}", null, ("Accept", "application/vnd.npm.install-v1+json"));

        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/vnd.npm.install-v1+json");
        (await answer.Content.ReadFromJsonAsync<JsonObject>())!["versions"]!["1.0.0"]!.AsObject().ShouldNotContainKey("scripts");
    }

    [Fact]
    public async Task An_absence_is_relied_on_for_its_own_time_only()
    {
        await StartAsync(maxAge: 300, notFound: 2);
        (await Proxy.FailureAsync($"/{_name}")).Code.ShouldBe("package_not_found");
        _upstream.Add(_name, "1.0.0");

        (await Proxy.FailureAsync($"/{_name}")).Status.ShouldBe(404);
        _upstream.CountOf($"/{_name}").ShouldBe(1);

        await Eventually.ShouldHoldAsync(async () => (await Proxy.GetAsync($"/{_name}")).StatusCode == HttpStatusCode.OK, "it is asked for again", withinSeconds: 10);
        _upstream.CountOf($"/{_name}").ShouldBe(2);
    }

    [Fact]
    public async Task An_absence_ends_with_a_publish_here()
    {
        await StartAsync(maxAge: 300, notFound: 300);
        (await Proxy.FailureAsync($"/{_name}")).Status.ShouldBe(404);

        await system.PublishedAsync(await system.NewUserAsync(), _name, "3.0.0");

        (await Proxy.VersionsAsync(_name)).ShouldBe(["3.0.0"]);
        _upstream.CountOf($"/{_name}").ShouldBe(1);
    }

    [Fact]
    public async Task A_package_that_left_its_upstream_is_not_found_any_more()
    {
        await StartAsync(maxAge: 0);
        _upstream.Add(_name, "1.0.0");
        await Proxy.VersionsAsync(_name);

        _upstream.Remove(_name);

        (await Proxy.FailureAsync($"/{_name}")).Code.ShouldBe("package_not_found");
    }

    [Fact]
    public async Task A_client_that_wants_what_there_is_right_now_gets_it()
    {
        await StartAsync(maxAge: 300);
        _upstream.Add(_name, "1.0.0");
        await Proxy.VersionsAsync(_name);
        _upstream.Add(_name, "2.0.0");

        await Eventually.ShouldHoldAsync(
            async () => (await Proxy.VersionsAsync(_name, null, ("Cache-Control", "no-cache"))).Length == 2, "the upstream is asked at once", withinSeconds: 4);

        (await Proxy.VersionsAsync(_name)).Length.ShouldBe(2);
        _upstream.CountOf($"/{_name}").ShouldBe(2);
    }

    [Fact]
    public async Task What_another_process_was_told_meanwhile_is_not_the_latest_any_more()
    {
        await StartAsync(maxAge: 300);
        var (other, latest) = (await Proxy.AddHostAsync(), ("Cache-Control", "no-cache"));
        _upstream.Add(_name, "1.0.0");
        await Proxy.VersionsAsync(_name);
        await Task.Delay(2100); // beyond what counts as the latest
        await Proxy.VersionsAsync(_name, other, latest);
        _upstream.CountOf($"/{_name}").ShouldBe(2);
        _upstream.Add(_name, "2.0.0");
        await Task.Delay(2100);

        (await Proxy.VersionsAsync(_name, null, latest)).ShouldBe(["1.0.0", "2.0.0"]);
    }

    [Theory]
    [InlineData("/{0}/-/{0}-2.0.0.tgz")]
    [InlineData("/{0}/2.0.0")]
    public async Task A_version_that_is_newer_than_what_is_kept_is_found_by_its_tarball_and_its_manifest(string path)
    {
        await StartAsync(maxAge: 300);
        _upstream.Add(_name, "1.0.0");
        using (var known = await Proxy.GetAsync(Of(path).Replace("2.0.0", "1.0.0", StringComparison.Ordinal)))
        {
            known.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        _upstream.Add(_name, "2.0.0");

        await Eventually.ShouldHoldAsync(async () => (await Proxy.GetAsync(Of(path))).StatusCode == HttpStatusCode.OK, "it is found", withinSeconds: 4);
    }

    [Theory]
    [InlineData("/{0}/-/{0}-2.0.0.tgz")]
    [InlineData("/{0}/2.0.0")]
    public async Task While_the_upstream_fails_a_version_that_is_not_kept_is_no_absence(string path)
    {
        await StartAsync(maxAge: 0);
        _upstream.Add(_name, "1.0.0");
        using (var known = await Proxy.GetAsync(Of(path).Replace("2.0.0", "1.0.0", StringComparison.Ordinal)))
        {
            known.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        _upstream.Fault = Faults.Status(500);

        await Eventually.ShouldHoldAsync(async () => (await Proxy.GetAsync(Of(path))).StatusCode == HttpStatusCode.ServiceUnavailable, "nobody says that it is not there", withinSeconds: 4);
        (await Proxy.FailureAsync(Of(path))).Code.ShouldBe("upstream_unavailable");
    }

    private string Of(string path) => path.Replace("{0}", _name, StringComparison.Ordinal);

    private async Task StartAsync(int maxAge, int whileRevalidate = 0, int ifError = 300, int notFound = 300) =>
        _started = await ProxySystem.StartAsync(system, ProxySystem.Entry(_upstream, edit: entry => entry["cache"] = new JsonObject
        {
            ["maxAgeSeconds"] = maxAge,
            ["staleWhileRevalidateSeconds"] = whileRevalidate,
            ["staleIfErrorSeconds"] = ifError,
            ["notFoundSeconds"] = notFound,
        }));
}
