using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;

using Registry.PackageService.Tests.Proxying;
using Registry.PackageService.Tests.Running;
using Registry.Testing;
using Registry.Testing.Upstreams;

namespace Registry.PackageService.Tests.Features.Upstreams;

/// <summary>How an upstream does, as <c>/api/v1/upstreams/{name}/health</c> tells everybody with an account (M62).</summary>
public sealed class UpstreamHealthTests(PackageSystem system) : IAsyncLifetime
{
    private readonly string _name = PackageSystem.NewName("up");
    private NpmUpstream _upstream = null!;
    private ProxySystem _proxy = null!;

    public async ValueTask InitializeAsync()
    {
        _upstream = await NpmUpstream.StartAsync();
        _proxy = await ProxySystem.StartAsync(system, ProxySystem.Entry(_upstream, _name));
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task Its_failure_and_its_recovery_are_noticed_without_a_request()
    {
        AskedFor(await ShouldBecomeAsync("ok")).ShouldBe(0);
        await _upstream.CloseAsync();
        for (var i = 0; i < 3; i++)
        {
            using var failed = await _proxy.GetAsync($"/{PackageSystem.NewName()}");
        }

        var failing = await ShouldBecomeAsync("failing");
        failing.Text("lastFailure").ShouldBe("unreachable");
        failing.Text("lastFailureMessage").ShouldContain(_name);
        failing["failures"]!.GetValue<long>().ShouldBeGreaterThanOrEqualTo(3);
        AskedFor(failing).ShouldBeInRange(3, 6); // each may be asked again once
        FailingOf(_name).ShouldBe(1);

        await _upstream.OpenAsync();

        var again = await ShouldBecomeAsync("ok");
        again["answers"]!.GetValue<long>().ShouldBeGreaterThan(0);
        again["averageMilliseconds"]!.GetValue<double>().ShouldBeGreaterThan(0);
        again["lastAnswerAt"]!.GetValue<DateTimeOffset>().ShouldBeGreaterThan(again["lastFailureAt"]!.GetValue<DateTimeOffset>());
        FailingOf(_name).ShouldBe(0);
    }

    /// <summary>How often it was asked because somebody wanted something.</summary>
    private static long AskedFor(JsonNode health) =>
        health["answers"]!.GetValue<long>() + health["failures"]!.GetValue<long>() - health["pings"]!.GetValue<long>();

    [Fact]
    public async Task One_that_fails_from_the_start_is_asked_again_soon()
    {
        await _upstream.CloseAsync();
        _proxy.Write(ProxySystem.Entry(_upstream, "another"));
        var host = await _proxy.AddHostAsync();

        await ShouldBecomeAsync("failing", "another", host);
        await _upstream.OpenAsync();

        await ShouldBecomeAsync("ok", "another", host);
    }

    [Fact]
    public async Task One_that_hangs_does_not_keep_the_others_from_being_watched()
    {
        await using var hanging = await NpmUpstream.StartAsync();
        hanging.Fault = static async context =>
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        };
        await _upstream.CloseAsync();
        _proxy.Write(ProxySystem.Entry(hanging, "hangs", static entry => entry["timeoutSeconds"] = 600), ProxySystem.Entry(_upstream, "another"));
        var host = await _proxy.AddHostAsync();

        await ShouldBecomeAsync("failing", "another", host);
        (await HealthAsync("hangs", host)).Text("state").ShouldBe("unknown");
    }

    [Fact]
    public async Task One_that_asks_to_be_left_alone_is()
    {
        await ShouldBecomeAsync("ok");
        _upstream.Fault = static context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "120";
            return Task.FromResult(true);
        };
        using (var refused = await _proxy.GetAsync($"/{PackageSystem.NewName()}"))
        {
            ((int)refused.StatusCode).ShouldBe(503);
        }

        var resting = await ShouldBecomeAsync("resting");
        resting["restSeconds"]!.GetValue<double>().ShouldBeInRange(90, 120);
        resting.Text("lastFailure").ShouldBe("ratelimited");
    }

    [Fact]
    public async Task One_that_is_disabled_says_so_and_is_not_asked()
    {
        _proxy.Write(ProxySystem.Entry(_upstream, "another", static entry => entry["enabled"] = false));
        var host = await _proxy.AddHostAsync();

        var health = await HealthAsync("another", host);

        (health.Text("state"), health["answers"]!.GetValue<long>()).ShouldBe(("disabled", 0));
    }

    [Fact]
    public async Task Nobody_is_watched_while_upstreams_are_switched_off()
    {
        await using var own = await NpmUpstream.StartAsync();
        var pings = 0;
        own.Fault = _ => Task.FromResult(Interlocked.Increment(ref pings) < 0);
        await using var off = await system.StartAsync(("Upstreams:Url", own.Url.ToString()), ("Upstreams:Enabled", "false"));
        await using var on = await system.StartAsync(("Upstreams:Url", own.Url.ToString()));

        await Eventually.ShouldHoldAsync(() => Volatile.Read(ref pings) > 0, "the other one watches");
        pings.ShouldBe(1, "of one of them only");
    }

    private async Task<JsonObject> ShouldBecomeAsync(string state, string? name = null, ServiceHost? host = null)
    {
        var last = await HealthAsync(name ?? _name, host);
        await Eventually.ShouldHoldAsync(
            async () => (last = await HealthAsync(name ?? _name, host)).Text("state") == state, $"the upstream is {state}", found: () => last.ToJsonString());
        return last;
    }

    private async Task<JsonObject> HealthAsync(string name, ServiceHost? host = null)
    {
        using var answer = await _proxy.AskAsync(HttpMethod.Get, $"/{name}/health", caller: TestKeys.User("somebody"), host: host);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject();
    }

    /// <summary>The gauge, as an exporter of metrics reads it.</summary>
    private static int? FailingOf(string upstream)
    {
        int? shown = null;
        using var listener = new MeterListener { InstrumentPublished = Enable };
        listener.SetMeasurementEventCallback<int>((_, value, tags, _) => shown = tags[0].Value is string name && name == upstream ? value : shown);
        listener.Start();
        listener.RecordObservableInstruments();
        return shown;
    }

    private static void Enable(Instrument instrument, MeterListener listener)
    {
        if (instrument.Name == "registry.packages.upstream_failing")
        {
            listener.EnableMeasurementEvents(instrument);
        }
    }
}
