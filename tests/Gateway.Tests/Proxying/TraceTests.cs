using System.Text.Json;

using Registry.Gateway.Tests.Harness;

namespace Registry.Gateway.Tests.Proxying;

/// <summary>The trace of a request (W3C Trace Context), which its services and their error bodies name, where nobody records spans.</summary>
public sealed class TraceTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Parent = $"traceparent: 00-{Trace}-b7ad6b7169203331-01";

    [Fact]
    public async Task A_refusal_names_the_trace_of_the_client()
    {
        (await RefusedAsync(Parent)).ShouldBe(Trace);
    }

    [Theory]
    [InlineData("X-Marker: none")]
    [InlineData("traceparent: 00-zz-b7ad6b7169203331-01")]
    public async Task Whoever_has_no_trace_is_given_one(string header)
    {
        (await RefusedAsync(header)).ShouldMatch("^[0-9a-f]{32}$");
    }

    [Theory]
    [InlineData("PUT", "Authorization: Bearer good")]
    [InlineData("PUT", "X-Other: none")]
    [InlineData("GET", "Authorization: Bearer good")]
    [InlineData("GET", "X-Other: none")]
    public async Task A_service_is_told_the_trace_of_the_client(string method, string header)
    {
        var marker = Guid.CreateVersion7().ToString();

        await Wire.SendAsync(shared.Gateway.NpmAddress, method, $"/{marker}", Parent, header, "Content-Length: 0");

        var received = shared.Gateway.Packages.Requests.Single(request => request.Target == $"/{marker}");
        received.Header("traceparent").ShouldStartWith($"00-{Trace}-");
    }

    private async Task<string> RefusedAsync(string header)
    {
        var answer = await Wire.SendAsync(shared.Gateway.NpmAddress, "PUT", "/a/../b", header, "Content-Length: 0");
        answer.Status.ShouldBe(400);
        return JsonDocument.Parse(answer.Body).RootElement.GetProperty("traceId").GetString()!;
    }
}
