using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;

using Registry.EndToEnd.Tests.Running;
using Registry.Testing;

namespace Registry.EndToEnd.Tests;

/// <summary>The registry and its broker: one trace through it, and life without it.</summary>
public sealed class BrokerTests
{
    [Fact]
    public async Task One_trace_covers_gateway_service_database_broker_and_search_consumer()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var registry = await RegistryProcess.StartAsync(environment: new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.Endpoint,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "500",
        });
        using var npm = new NpmClient($"{registry.Npm}/");
        (await npm.LoginAsync("traced", "correct horse battery")).ShouldSucceed();
        using var client = RegistryFixture.HttpFor(npm);
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        client.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom().ToHexString()}-01");

        using var answer = await client.PutAsync($"{registry.Npm}/traced", new StringContent(
            TarballOf.NpmDocument("traced", "1.0.0", TarballOf.Package("traced", "1.0.0")).ToJsonString(), System.Text.Encoding.UTF8, "application/json"));
        answer.IsSuccessStatusCode.ShouldBeTrue();

        string[] expected = ["gateway PUT", "packages PUT", "postgresql", "PackageChanged send", "search.wake-on-package-changed receive", "search.wake-on-package-changed process"];
        var missing = expected;
        var within = Stopwatch.StartNew();
        while (missing.Length > 0 && within.Elapsed < TimeSpan.FromSeconds(20))
        {
            await Task.Delay(200);
            missing = [.. expected.Where(part => !receiver.SpansOf(trace).Any(span => span.Contains(part, StringComparison.Ordinal)))];
        }

        missing.ShouldBeEmpty(string.Join('\n', receiver.SpansOf(trace)));
    }

    [Fact]
    public async Task Without_a_broker_health_is_degraded_with_200_and_publishing_and_search_go_on()
    {
        await using var registry = await RegistryProcess.StartAsync();
        using var npm = new NpmClient($"{registry.Npm}/");
        (await npm.LoginAsync("brokerless", "correct horse battery")).ShouldSucceed();
        var status = await registry.StatusAsync();
        var broker = status["servers"]!["rabbitmq"]!["pid"]!.GetValue<int>();
        using var client = RegistryProcess.NewClient();

        // Stopped, not killed: it hangs, which is the worst a broker can do, and the supervisor sees no exit.
        (await Command.RunAsync("kill", ["-STOP", $"{broker}"], "/")).ShouldSucceed();
        try
        {
            (await npm.RunAsync(npm.NewPackage("published-without-broker", "1.0.0"), "publish")).ShouldSucceed();
            using var health = await client.GetAsync($"{registry.Web}/health");
            health.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        finally
        {
            (await Command.RunAsync("kill", ["-KILL", $"{broker}"], "/")).ShouldSucceed();
        }

        await Eventually.ShouldHoldAsync(async () =>
        {
            using var health = await client.GetAsync($"{registry.Web}/health");
            health.StatusCode.ShouldBe(HttpStatusCode.OK);
            return JsonNode.Parse(await health.Content.ReadAsStringAsync())!["status"]!.GetValue<string>() == "degraded";
        }, "health says degraded", withinSeconds: 15);
        await registry.UntilHealthyAsync();
        await Eventually.ShouldHoldAsync(async () => (await npm.RunAsync(npm.NewProject(), "search", "published-without-broker", "--json")).Output.Contains("published-without-broker", StringComparison.Ordinal), "search finds the package", withinSeconds: 35);
    }
}
