using System.Net;
using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.PackageService.Tests.Running;
using Registry.Testing.Upstreams;

namespace Registry.PackageService.Tests.Proxying;

/// <summary>What the Gateway may give to others of what came from upstreams, and for how long.</summary>
public sealed class GatewayMemoryTests(PackageSystem system) : IAsyncLifetime
{
    private readonly string _name = PackageSystem.NewName();
    private NpmUpstream _first = null!;
    private NpmUpstream _second = null!;
    private ProxySystem? _started;

    private ProxySystem Proxy => _started!;

    public async ValueTask InitializeAsync() => (_first, _second) = (await NpmUpstream.StartAsync(), await NpmUpstream.StartAsync());

    public async ValueTask DisposeAsync()
    {
        await (_started?.DisposeAsync() ?? default);
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task A_stored_tarball_may_be_given_to_others_for_a_minute()
    {
        await StartAsync(maxAge: 300);
        _second.Add(_name, "1.0.0");
        var path = $"/{_name}/-/{_name}-1.0.0.tgz";

        using var downloaded = await Proxy.GetAsync(path);
        await downloaded.Content.ReadAsByteArrayAsync();
        using var stored = await Proxy.GetAsync(path);

        AllowedIn(downloaded).ShouldBeNull(); // nobody knows yet whether it is what was promised
        stored.Headers.Contains(InternalHeaders.Blob).ShouldBeTrue();
        AllowedIn(stored)!.Value.ShouldBe(60);
    }

    [Fact]
    public async Task A_packument_may_not_be_given_to_others_for_longer_than_an_absence_before_it_holds()
    {
        await StartAsync(maxAge: 300, notFound: 30);
        _second.Add(_name, "1.0.0");

        using var answer = await Proxy.GetAsync($"/{_name}");

        AllowedIn(answer)!.Value.ShouldBeInRange(10, 30);
    }

    [Fact]
    public async Task What_should_be_asked_for_again_is_for_the_one_who_asked()
    {
        await StartAsync(maxAge: 0, whileRevalidate: 300);
        _second.Add(_name, "1.0.0");
        await Proxy.VersionsAsync(_name);

        using var stale = await Proxy.GetAsync($"/{_name}");

        stale.StatusCode.ShouldBe(HttpStatusCode.OK);
        AllowedIn(stale).ShouldBeNull();
    }

    [Theory]
    [InlineData("/{0}", "no-cache")]
    [InlineData("/{0}/2.0.0", null)]
    [InlineData("/{0}/-/{0}-2.0.0.tgz", null)]
    public async Task Who_makes_the_upstream_be_asked_makes_the_Gateway_forget_what_it_said_before(string path, string? cacheControl)
    {
        await StartAsync(maxAge: 300);
        _second.Add(_name, "1.0.0");
        using (var before = await Proxy.GetAsync($"/{_name}"))
        {
            before.Headers.Contains(InternalHeaders.Changed).ShouldBeFalse();
        }

        _second.Add(_name, "2.0.0");
        using var answer = await Proxy.GetAsync(path.Replace("{0}", _name, StringComparison.Ordinal), null, cacheControl is null ? [] : [("Cache-Control", cacheControl)]);

        answer.Headers.GetValues(InternalHeaders.Changed).ShouldBe([$"main/{_name}"]);
    }

    private static int? AllowedIn(HttpResponseMessage answer)
    {
        answer.Headers.Contains(InternalHeaders.Cacheable).ShouldBe(answer.Headers.Contains(InternalHeaders.CacheableFor));
        return answer.Headers.TryGetValues(InternalHeaders.CacheableFor, out var seconds) ? int.Parse(seconds.Single(), null) : null;
    }

    private async Task StartAsync(int maxAge, int whileRevalidate = 0, int notFound = 300)
    {
        _started = await ProxySystem.StartAsync(
            system, ProxySystem.Entry(_first, edit: entry => Edit(entry, 1)), ProxySystem.Entry(_second, edit: entry => Edit(entry, 2)));

        void Edit(JsonObject entry, int priority)
        {
            entry["priority"] = priority;
            entry["cache"] = new JsonObject { ["maxAgeSeconds"] = maxAge, ["staleWhileRevalidateSeconds"] = whileRevalidate, ["notFoundSeconds"] = notFound };
        }
    }
}
