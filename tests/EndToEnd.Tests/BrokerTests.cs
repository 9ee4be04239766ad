using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;

using Registry.EndToEnd.Tests.Running;
using Registry.Testing;

namespace Registry.EndToEnd.Tests;

/// <summary>The registry and its broker: one trace through it, and life without it.</summary>
[Collection(nameof(OwnRegistries))]
public sealed class BrokerTests(BrokerTests.Traced traced) : IClassFixture<BrokerTests.Traced>
{
    [Fact]
    public async Task One_trace_covers_gateway_service_database_broker_and_search_consumer()
    {
        var (registry, receiver) = (traced.Registry, traced.Receiver);
        using var npm = new NpmClient($"{registry.Npm}/");
        (await npm.LoginAsync("traced", "correct horse battery")).ShouldSucceed();
        using var client = RegistryFixture.HttpFor(npm);
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        client.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom().ToHexString()}-01");

        using var answer = await client.PutAsync($"{registry.Npm}/traced", new StringContent(
            TarballOf.NpmDocument("traced", "1.0.0", TarballOf.Package("traced", "1.0.0")).ToJsonString(), System.Text.Encoding.UTF8, "application/json"));
        answer.IsSuccessStatusCode.ShouldBeTrue();

        string[] expected = ["gateway PUT", "packages PUT", "postgresql", "PackageChanged send", "search.wake-on-package-changed receive", "search.wake-on-package-changed process"];
        await Eventually.ShouldHoldAsync(
            () => expected.All(part => receiver.SpansOf(trace).Any(span => span.Contains(part, StringComparison.Ordinal))),
            "the trace has every part",
            withinSeconds: 60,
            () => string.Join('\n', receiver.SpansOf(trace)));
    }

    [Fact]
    public async Task Without_a_broker_health_is_degraded_with_200_and_publishing_and_search_go_on()
    {
        var registry = traced.Registry;
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
        }, "health says degraded", withinSeconds: 60);
        await registry.UntilHealthyAsync();
        await Eventually.ShouldHoldAsync(async () => (await npm.RunAsync(npm.NewProject(), "search", "published-without-broker", "--json")).Output.Contains("published-without-broker", StringComparison.Ordinal), "search finds the package", withinSeconds: 60);
    }

    /// <summary>A registry that tells a receiver of its spans. Each test leaves it with its broker.</summary>
    public sealed class Traced : IAsyncLifetime
    {
        private RegistryProcess? _registry;

        internal OtlpReceiver Receiver { get; private set; } = null!;

        internal RegistryProcess Registry => _registry!;

        public async ValueTask InitializeAsync()
        {
            Receiver = await OtlpReceiver.StartAsync();
            _registry = await RegistryProcess.StartAsync(environment: new Dictionary<string, string>
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Receiver.Endpoint,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_BSP_SCHEDULE_DELAY"] = "500",
            });
        }

        public async ValueTask DisposeAsync()
        {
            await (_registry?.DisposeAsync() ?? ValueTask.CompletedTask);
            await Receiver.DisposeAsync();
        }
    }
}
