using System.Net;
using System.Text.Json;

using Microsoft.AspNetCore.Http;

using Registry.Gateway.Tests.Harness;

namespace Registry.Gateway.Tests.Proxying;

public sealed class FailureTests
{
    [Theory]
    [InlineData("GET", "/x")]
    [InlineData("GET", "/x/-/x-1.0.0.tgz")]
    [InlineData("PUT", "/x")]
    public async Task A_service_that_cannot_be_reached_is_an_error_in_our_shape(string method, string target)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await gateway.Packages.LeaveAsync();

        var answer = await SendAsync(gateway, method, target);

        await IsProblemAsync(answer, 503, "service_unavailable");
    }

    [Fact]
    public async Task A_service_that_breaks_off_before_its_answer_is_an_error_in_our_shape()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Packages.Answer = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };

        await IsProblemAsync(await SendAsync(gateway, "GET", "/x"), 502, "service_failed");
    }

    [Fact]
    public async Task A_service_that_breaks_off_in_its_answer_cuts_the_connection()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var begun = new TaskCompletionSource();
        gateway.Packages.Answer = async context =>
        {
            await context.Response.WriteAsync("part");
            await context.Response.Body.FlushAsync();
            await begun.Task;
            context.Abort();
        };

        using var client = gateway.Client(gateway.NpmAddress);
        using var answer = await client.GetAsync(new Uri("/x", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        begun.SetResult();

        await Should.ThrowAsync<HttpRequestException>(answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task What_a_service_answers_passes_unchanged_but_for_our_headers()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Packages.Answer = context =>
        {
            context.Response.StatusCode = 409;
            context.Response.ContentType = "application/problem+json";
            context.Response.Headers["npm-notice"] = "hello";
            context.Response.Headers["X-Registry-Anything"] = "secret";
            context.Response.Headers["x-registry-changed"] = "main/x";
            return context.Response.WriteAsync("""{"error":"there is one"}""");
        };

        var answer = await SendAsync(gateway, "PUT", "/x");

        ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync()).ShouldBe((409, """{"error":"there is one"}"""));
        answer.Headers.GetValues("npm-notice").ShouldBe(["hello"]);
        answer.Headers.ShouldNotContain(header => header.Key.StartsWith("X-Registry-", StringComparison.OrdinalIgnoreCase));
    }

    private static async Task<HttpResponseMessage> SendAsync(GatewayUnderTest gateway, string method, string target)
    {
        using var client = gateway.Client(gateway.NpmAddress);
        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        if (method == "PUT")
        {
            request.Content = new StringContent("{}");
        }

        return await client.SendAsync(request);
    }

    private static async Task IsProblemAsync(HttpResponseMessage answer, int status, string code)
    {
        answer.StatusCode.ShouldBe((HttpStatusCode)status);
        answer.Headers.RetryAfter.ShouldNotBeNull();
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        body.RootElement.GetProperty("code").GetString().ShouldBe(code);
        body.RootElement.GetProperty("error").GetString().ShouldNotBeNullOrEmpty();
        body.RootElement.GetProperty("status").GetInt32().ShouldBe(status);
    }
}
