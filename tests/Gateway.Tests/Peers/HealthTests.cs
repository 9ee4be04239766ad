using System.Text.Json;

using Registry.Gateway.Tests.Harness;
using Registry.Testing;

namespace Registry.Gateway.Tests.Peers;

public sealed class HealthTests
{
    private string _last = "";

    [Fact]
    public async Task Health_is_ok_on_every_listener_and_below_pantrys_prefix()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        foreach (var url in new[] { new Uri(gateway.WebAddress, "/health"), new Uri(gateway.NpmAddress, "/health"), new Uri(gateway.LoftAddress, "/health"), new Uri(gateway.WebAddress, "/pantry/health") })
        {
            await Eventually.ShouldHoldAsync(async () => (await StatusAsync(url)).Status == "ok", "health is ok", found: () => _last);
        }

        (await Wire.SendAsync(gateway.NpmAddress, "GET", "/alive")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Health_has_pantrys_shape_and_names_the_services()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        using var body = JsonDocument.Parse((await Wire.SendAsync(gateway.NpmAddress, "GET", "/health", "Connection: close")).Body);

        DateTimeOffset.TryParse(body.RootElement.GetProperty("timestamp").GetString(), out _).ShouldBeTrue();
        var checks = body.RootElement.GetProperty("checks").EnumerateObject().Select(check => check.Name);
        new[] { "auth", "packages", "storage", "search", "web", "changes" }.ShouldBeSubsetOf(checks);
    }

    [Theory]
    [InlineData("degraded")]
    [InlineData("failed")]
    [InlineData("nonsense")]
    public async Task A_service_that_is_not_well_makes_the_registry_degraded_with_200(string health)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Search.Health = health;

        await Eventually.ShouldHoldAsync(async () => await IsDegradedAsync(gateway, "search"), "health names search", found: () => _last);
    }

    [Fact]
    public async Task A_service_that_cannot_be_reached_makes_the_registry_degraded_with_200()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await Eventually.ShouldHoldAsync(async () => (await StatusAsync(new Uri(gateway.NpmAddress, "/health"))).Status == "ok", "health is ok", found: () => _last);

        await gateway.Storage.LeaveAsync();

        await Eventually.ShouldHoldAsync(async () => await IsDegradedAsync(gateway, "storage"), "health names storage", found: () => _last);
    }

    private async Task<bool> IsDegradedAsync(GatewayUnderTest gateway, string service)
    {
        var (status, document) = await StatusAsync(new Uri(gateway.WebAddress, "/health"));
        return status == "degraded"
            && document.GetProperty("checks").GetProperty(service).GetProperty("status").GetString() == "degraded"
            && document.GetProperty("checks").GetProperty("auth").GetProperty("status").GetString() == "ok";
    }

    private async Task<(string? Status, JsonElement Document)> StatusAsync(Uri url)
    {
        var answer = await Wire.SendAsync(url, "GET", url.AbsolutePath);
        answer.Status.ShouldBe(200);
        var document = JsonSerializer.Deserialize<JsonElement>(answer.Body);
        _last = answer.Body;
        return (document.GetProperty("status").GetString(), document);
    }
}
