using System.Net;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Http;
using Registry.Gateway.Tests.Harness;
using Registry.Messaging.Changes;
using Registry.Testing;

namespace Registry.Gateway.Tests.Proxying;

/// <summary>Two replicas of a service, of which one is not as it should be.</summary>
public sealed class ReplicaTests : IAsyncLifetime
{
    private Backend _second = null!;

    public async ValueTask InitializeAsync() => _second = await Backend.StartAsync("second");

    public ValueTask DisposeAsync() => _second.DisposeAsync();

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    public async Task No_request_fails_when_a_replica_is_gone(string method)
    {
        await using var gateway = await StartAsync(ServiceNames.Packages);
        await UntilBothAreAskedAsync(gateway);
        await _second.DisposeAsync();
        var before = gateway.Packages.Requests.Count;

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => SendAsync(gateway, method, $"/x{i}")));

        answers.ShouldAllBe(status => status == HttpStatusCode.OK);
        (gateway.Packages.Requests.Count - before).ShouldBe(30);
    }

    [Fact]
    public async Task A_read_that_a_replica_breaks_off_is_asked_of_the_other_and_a_write_is_not()
    {
        await using var gateway = await StartAsync(ServiceNames.Packages);
        var first = true;
        gateway.Packages.Answer = _second.Answer = context =>
        {
            var breaks = first;
            first = false;
            return breaks ? BreakOff(context) : context.Response.WriteAsync("ok");
        };

        (await SendAsync(gateway, "GET", "/x")).ShouldBe(HttpStatusCode.OK);
        first = true;
        (await SendAsync(gateway, "PUT", "/x")).ShouldBe(HttpStatusCode.BadGateway);

        var writes = gateway.Packages.Requests.Concat(_second.Requests).Count(request => request.Method == "PUT");
        writes.ShouldBe(1, "what may have been done is not done again");
    }

    [Fact]
    public async Task A_replica_that_is_not_well_gets_no_requests_and_all_do_when_none_is()
    {
        await using var gateway = await StartAsync(ServiceNames.Packages);
        _second.Health = "failed";
        await Eventually.ShouldHoldAsync(async () => !await IsAskedAsync(gateway, _second), "the replica is left alone");

        gateway.Packages.Health = "failed";

        await Eventually.ShouldHoldAsync(() => IsAskedAsync(gateway, _second), "all are asked when none is well");
    }

    [Fact]
    public async Task A_blob_comes_from_the_other_replica_of_the_store()
    {
        await using var gateway = await StartAsync(ServiceNames.Storage);
        gateway.Packages.Answer = context =>
        {
            context.Response.Headers[InternalHeaders.Blob] = "sha256:" + new string('a', 64);
            context.Response.Headers.ETag = "\"theirs\"";
            return Task.CompletedTask;
        };
        await _second.DisposeAsync();
        using var client = gateway.Client(gateway.NpmAddress);

        for (var i = 0; i < 4; i++)
        {
            using var answer = await client.GetAsync(new Uri("/x/-/x-1.0.0.tgz", UriKind.Relative));
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            answer.Headers.ETag!.Tag.ShouldBe("\"theirs\"");
            (await answer.Content.ReadAsStringAsync()).ShouldBe("ok");
        }
    }

    [Fact]
    public async Task A_store_that_breaks_in_the_middle_leaves_what_the_service_said_of_the_blob()
    {
        await using var gateway = await StartAsync(ServiceNames.Storage);
        var bytes = new byte[4000];
        gateway.Packages.Answer = context =>
        {
            var headers = context.Response.Headers;
            headers[InternalHeaders.Blob] = "sha256:" + new string('a', 64);
            headers[InternalHeaders.Cacheable] = "main/x";
            (headers.ETag, headers.ContentType, headers.ContentDisposition) = ("\"theirs\"", "application/gzip", "attachment; filename=\"x.tgz\"");
            return Task.CompletedTask;
        };
        gateway.Storage.Answer = context => SendAsync(context, bytes.Length / 2);
        _second.Answer = context => SendAsync(context, bytes.Length);
        await gateway.UntilConfirmedAsync();
        using var client = gateway.Client(gateway.NpmAddress);

        for (var i = 0; i < 4; i++)
        {
            await gateway.Services.GetRequiredService<ChangesFollower>().AdvanceAsync(default);
            using var answer = await client.GetAsync(new Uri($"/x/-/x-1.0.{i}.tgz", UriKind.Relative));
            (answer.StatusCode, answer.Headers.ETag?.Tag).ShouldBe((HttpStatusCode.OK, "\"theirs\""));
            (answer.Content.Headers.ContentType!.MediaType, answer.Content.Headers.ContentDisposition!.FileName).ShouldBe(("application/gzip", "x.tgz"));
            (await answer.Content.ReadAsByteArrayAsync()).ShouldBe(bytes);
        }

        async Task SendAsync(HttpContext context, int count)
        {
            (context.Response.Headers.ETag, context.Response.ContentType, context.Response.ContentLength) = ("\"of-the-store\"", "application/octet-stream", bytes.Length);
            await context.Response.Body.WriteAsync(bytes.AsMemory(0, count));
            if (count < bytes.Length)
            {
                await context.Response.Body.FlushAsync();
                context.Abort();
            }
        }
    }

    [Fact]
    public async Task Credentials_are_checked_by_the_other_replica()
    {
        await using var gateway = await StartAsync(ServiceNames.Auth);
        await _second.DisposeAsync();
        using var client = gateway.Client(gateway.NpmAddress);

        for (var i = 0; i < 6; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/x");
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer good{i}");
            using var answer = await client.SendAsync(request);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    private static Task BreakOff(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    private Task<GatewayUnderTest> StartAsync(string service) => GatewayUnderTest.StartAsync(($"services:{service}:http:1", _second.Address.ToString()));

    private Task UntilBothAreAskedAsync(GatewayUnderTest gateway) =>
        Eventually.ShouldHoldAsync(
            async () => await IsAskedAsync(gateway, _second) && await IsAskedAsync(gateway, gateway.Packages), "both replicas are asked");

    private static async Task<bool> IsAskedAsync(GatewayUnderTest gateway, Backend replica)
    {
        var before = replica.Requests.Count;
        for (var i = 0; i < 20; i++)
        {
            await SendAsync(gateway, "GET", "/asked?i"); // with a query: never answered from memory
        }

        return replica.Requests.Count > before;
    }

    private static async Task<HttpStatusCode> SendAsync(GatewayUnderTest gateway, string method, string target)
    {
        using var client = gateway.Client(gateway.NpmAddress);
        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        if (method == "PUT")
        {
            request.Content = new StringContent("{}");
        }

        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }
}
