using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Http;

using Registry.PackageService.Tests.Running;
using Registry.Testing;
using Registry.Testing.Upstreams;

namespace Registry.PackageService.Tests.Proxying;

/// <summary>Every way in which an upstream fails while a tarball is asked for: nothing is stored, and the next request tries again.</summary>
public sealed class TarballFaultTests(PackageSystem system) : IAsyncLifetime
{
    private static readonly Dictionary<string, Func<HttpContext, Task<bool>>> Known = new(StringComparer.Ordinal)
    {
        ["500"] = Faults.Status(500),
        ["403"] = Faults.Status(403),
        ["429"] = Faults.Status(429),
        ["hangs"] = Faults.Hang,
        ["drips"] = Faults.Drip,
        ["breaks off"] = Faults.Truncate,
        ["resets"] = Faults.Reset,
        ["html"] = Faults.Html,
        ["redirects in a loop"] = Faults.RedirectLoop,
        ["is huge"] = Faults.Huge,
    };

    private readonly string _name = PackageSystem.NewName();
    private readonly string _upstreamName = PackageSystem.NewName("up");
    private byte[] _bytes = [];
    private NpmUpstream _upstream = null!;
    private ProxySystem _proxy = null!;

    private string Path => $"/{_name}/-/{_name}-1.0.0.tgz";

    public async ValueTask InitializeAsync()
    {
        _upstream = await NpmUpstream.StartAsync();
        _bytes = _upstream.Add(_name, "1.0.0");
        _proxy = await ProxySystem.StartAsync(system, Entry(_upstream.Url));
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("500", 503)]
    [InlineData("429", 503)]
    [InlineData("hangs", 503)]
    [InlineData("breaks off", 503)]
    [InlineData("resets", 503)]
    [InlineData("403", 502)]
    [InlineData("html", 502)]
    [InlineData("redirects in a loop", 502)]
    [InlineData("is huge", 502)]
    public async Task A_failure_has_a_status_and_a_sentence_and_ends_with_the_upstreams_recovery(string fault, int status)
    {
        _upstream.Fault = Faults.OfTarballs(Known[fault]);

        var failure = await _proxy.FailureAsync(Path);

        (failure.Status, failure.Code).ShouldBe((status, status == 503 ? "upstream_unavailable" : "upstream_failed"), failure.Error);
        failure.Error.ShouldStartWith($"The registry '{_upstreamName}' ");
        failure.RetryAfter.HasValue.ShouldBe(status == 503);
        await ShouldRecoverAsync();
    }

    [Fact]
    public async Task One_that_drips_is_cut_off()
    {
        _upstream.Fault = Faults.OfTarballs(Faults.Drip);

        using var client = _proxy.Npm();
        await Should.ThrowAsync<HttpRequestException>(() => client.GetByteArrayAsync(new Uri(Path, UriKind.Relative)));

        await ShouldRecoverAsync();
    }

    [Fact]
    public async Task The_first_question_after_a_long_failure_is_answered()
    {
        _upstream.Fault = Faults.OfTarballs(Faults.Status(500));
        for (var i = 0; i < 5; i++)
        {
            (await _proxy.FailureAsync(Path)).Status.ShouldBe(503);
        }

        await ShouldRecoverAsync();
    }

    [Fact]
    public async Task A_download_that_goes_on_for_long_does_not_keep_others_from_an_upstream_that_has_recovered()
    {
        var gate = new TaskCompletionSource();
        _upstream.Fault = Faults.OfTarballs(Faults.Status(500));
        for (var i = 0; i < 4; i++)
        {
            await _proxy.FailureAsync(Path);
        }

        _upstream.Fault = Faults.OfTarballs(async context =>
        {
            context.Response.ContentLength = _bytes.Length;
            await context.Response.Body.WriteAsync(_bytes.AsMemory(0, 1));
            await gate.Task;
            await context.Response.Body.WriteAsync(_bytes.AsMemory(1));
            return true;
        });
        var download = _proxy.GetAsync(Path);
        await Eventually.ShouldHoldAsync(() => _upstream.CountOf(Path) == 5, "the download has begun");

        (await _proxy.FailureAsync($"/{PackageSystem.NewName()}")).Status.ShouldBe(404);

        download.IsCompleted.ShouldBeFalse();
        gate.SetResult();
        (await (await download).Content.ReadAsByteArrayAsync()).ShouldBe(_bytes);
    }

    [Fact]
    public async Task A_store_that_is_away_is_no_failure_of_the_upstream()
    {
        var host = await _proxy.AddHostAsync(("services:storage:http:0", "http://127.0.0.1:1"));
        for (var i = 0; i < 5; i++)
        {
            var failure = await _proxy.FailureAsync(Path, host);
            (failure.Status, failure.Code).ShouldBe((503, "service_unavailable"));
        }

        (await _proxy.FailureAsync($"/{PackageSystem.NewName()}", host)).Status.ShouldBe(404);

        using var native = _proxy.Native(TestKeys.User("somebody"), host);
        var health = await native.GetStringAsync(new Uri($"/api/v1/upstreams/{_upstreamName}/health", UriKind.Relative));
        JsonNode.Parse(health)!["failures"]!.GetValue<int>().ShouldBe(0);
        await ShouldRecoverAsync();
    }

    private JsonObject Entry(Uri url) => ProxySystem.Entry(url, "npm", _upstreamName, static entry =>
    {
        entry["timeoutSeconds"] = 1;
        entry["maxTarballBytes"] = 64 * 1024;
    });

    /// <summary>Nothing is stored and no lease is left, so the next request gets it without waiting.</summary>
    private async Task ShouldRecoverAsync()
    {
        var row = (await _proxy.TarballsAsync(_name)).ShouldHaveSingleItem();
        (row.Digest, row.StoredAt, row.LeaseUntil).ShouldBe((null, null, null));
        _upstream.Fault = null;
        using var answer = await _proxy.GetAsync(Path);
        (await answer.Content.ReadAsByteArrayAsync()).ShouldBe(_bytes);
    }
}
