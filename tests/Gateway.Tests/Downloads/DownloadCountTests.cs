using System.Collections.Concurrent;
using System.Net;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Packages;
using Registry.Gateway.Downloads;
using Registry.Gateway.Tests.Harness;
using Registry.ServiceDefaults;

namespace Registry.Gateway.Tests.Downloads;

/// <summary>What was sent as a whole is counted, from memory and through, and told to PackageService in batches.</summary>
public sealed class DownloadCountTests : IAsyncLifetime
{
    private const string Target = "/left-pad/-/left-pad-1.0.0.tgz";

    private readonly ConcurrentQueue<DownloadBatch> _batches = new();
    private GatewayUnderTest _gateway = null!;
    private HttpClient _client = null!;
    private byte[] _bytes = new byte[1000];
    private int _statusOfBatches = 200;
    private bool _hasEnded;

    public async ValueTask InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync();
        _client = _gateway.Client(_gateway.NpmAddress);
        _gateway.Packages.Answer = AnswerAsync;
        _gateway.Storage.Answer = SendBlobAsync;
        await _gateway.UntilConfirmedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await (_hasEnded ? ValueTask.CompletedTask : _gateway.DisposeAsync());
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(600 * 1024)]
    public async Task Whole_tarballs_count_from_memory_and_through_and_nothing_else_does(int size)
    {
        _bytes = new byte[size];
        foreach (var _ in Enumerable.Range(0, 3))
        {
            (await SendAsync(HttpMethod.Get)).ShouldBe(HttpStatusCode.OK);
        }

        (await SendAsync(HttpMethod.Head)).ShouldBe(HttpStatusCode.OK);
        (await SendAsync(HttpMethod.Get, ("If-None-Match", "\"bytes\""))).ShouldBe(HttpStatusCode.NotModified);
        (await SendAsync(HttpMethod.Get, ("Range", "bytes=0-9"))).ShouldBe(HttpStatusCode.PartialContent);

        (await CountsAtTheEndAsync()).ShouldBe([("main/left-pad@1.0.0", 3)]);
    }

    [Fact]
    public async Task What_broke_off_or_was_refused_does_not_count()
    {
        _bytes = new byte[1024 * 1024];
        _gateway.Storage.Answer = async context =>
        {
            context.Response.ContentLength = _bytes.Length;
            await context.Response.Body.WriteAsync(_bytes.AsMemory(0, _bytes.Length / 2));
            await context.Response.Body.FlushAsync();
            context.Abort();
        };
        await Should.ThrowAsync<HttpRequestException>(() => SendAsync(HttpMethod.Get));
        _gateway.Storage.Answer = context =>
        {
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        };
        (await SendAsync(HttpMethod.Get)).ShouldBe(HttpStatusCode.BadGateway);

        (await CountsAtTheEndAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_batch_whose_reply_was_lost_is_sent_again_under_its_id()
    {
        _gateway.Services.GetRequiredService<DownloadCounts>().Add(new Download("main/a@1.0.0"));
        _statusOfBatches = 503;

        await CountsAtTheEndAsync();

        _batches.Count.ShouldBeGreaterThan(1);
        _batches.Select(static batch => batch.Id).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public void Tarballs_beyond_what_fits_are_dropped_and_those_that_are_counted_go_on_counting()
    {
        var counts = _gateway.Services.GetRequiredService<DownloadCounts>();
        foreach (var i in Enumerable.Range(0, DownloadCounts.MostTarballs + 10))
        {
            counts.Add(new Download($"main/a@1.0.{i}"));
        }

        counts.Add(new Download("main/a@1.0.0"));
        var taken = counts.Take();

        (taken.Count, taken.Sum(static count => count.Count)).ShouldBe((DownloadCounts.MostTarballs, DownloadCounts.MostTarballs + 1));
        counts.Take().ShouldBeEmpty();
    }

    /// <summary>The end of the Gateway sends what is left.</summary>
    private async Task<IEnumerable<(string, long)>> CountsAtTheEndAsync()
    {
        _hasEnded = true;
        await _gateway.DisposeAsync();
        return _batches.SelectMany(static batch => batch.Counts).GroupBy(static count => count.Tarball)
            .Select(static group => (group.Key, group.Sum(static count => count.Count)));
    }

    private async Task<HttpStatusCode> SendAsync(HttpMethod method, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, Target);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await _client.SendAsync(request);
        await answer.Content.ReadAsByteArrayAsync();
        return answer.StatusCode;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == PackageRoutes.Downloads)
        {
            _batches.Enqueue((await context.Request.ReadFromJsonAsync<DownloadBatch>(RegistryJson.Options))!);
            context.Response.StatusCode = _statusOfBatches;
            return;
        }

        var headers = context.Response.Headers;
        headers.ETag = "\"bytes\"";
        headers.CacheControl = "public, max-age=31536000, immutable";
        context.Response.ContentType = "application/octet-stream";
        headers[InternalHeaders.Download] = "main/left-pad@1.0.0";
        headers[InternalHeaders.Cacheable] = "main/left-pad";
        if (context.Request.Headers.IfNoneMatch == "\"bytes\"")
        {
            context.Response.StatusCode = 304;
            return;
        }

        headers[InternalHeaders.Blob] = "sha256:" + new string('a', 64);
    }

    private async Task SendBlobAsync(HttpContext context)
    {
        if (context.Request.Headers.Range.Count > 0)
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes 0-9/{_bytes.Length}";
            context.Response.ContentLength = 10;
            await context.Response.Body.WriteAsync(_bytes.AsMemory(0, 10));
            return;
        }

        context.Response.ContentLength = _bytes.Length;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(_bytes);
        }
    }
}
