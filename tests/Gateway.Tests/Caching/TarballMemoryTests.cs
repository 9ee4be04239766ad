using System.Net;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Http;
using Registry.Gateway.Tests.Harness;
using Registry.Messaging.Changes;
using Registry.Testing;

namespace Registry.Gateway.Tests.Caching;

/// <summary>Small public tarballs are answered from memory; all else takes the way through the services every time.</summary>
public sealed class TarballMemoryTests : IAsyncLifetime
{
    private const string Target = "/left-pad/-/left-pad-1.0.0.tgz";

    private GatewayUnderTest _gateway = null!;
    private HttpClient _client = null!;
    private byte[] _bytes = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
    private bool _isPublic = true;

    public async ValueTask InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync();
        _client = _gateway.Client(_gateway.NpmAddress);
        _gateway.Packages.Answer = NameBlobAsync;
        _gateway.Storage.Answer = SendBlobAsync;
        await _gateway.UntilConfirmedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task A_small_public_tarball_is_fetched_once()
    {
        using var first = await GetAsync();
        using var second = await GetAsync(("Accept-Encoding", "gzip, deflate, br, zstd"), ("Accept", "*/*")); // bun

        (await first.Content.ReadAsByteArrayAsync()).ShouldBe(_bytes);
        (await second.Content.ReadAsByteArrayAsync()).ShouldBe(_bytes);
        second.Content.Headers.ContentType.ShouldBe(first.Content.Headers.ContentType);
        new[] { first, second }.ShouldAllBe(answer => answer.Content.Headers.ContentEncoding.Count == 0); // or clients unpack it, and its integrity is gone
        (second.Content.Headers.ContentLength, second.Headers.ETag!.Tag).ShouldBe((1000, "\"bytes\""));
        second.Headers.CacheControl!.ToString().ShouldContain("immutable");
        second.Headers.AcceptRanges.ShouldBe(["bytes"]);
        Fetched.ShouldBe((1, 1));
    }

    [Fact]
    public async Task A_client_that_has_it_gets_304_without_the_store_and_from_memory()
    {
        using var before = await GetAsync(("If-None-Match", "\"bytes\""));
        Fetched.ShouldBe((1, 0));
        (await GetAsync()).Dispose();
        using var fromMemory = await GetAsync(("If-None-Match", "\"bytes\""));

        (before.StatusCode, fromMemory.StatusCode).ShouldBe((HttpStatusCode.NotModified, HttpStatusCode.NotModified));
        before.Headers.ETag!.Tag.ShouldBe("\"bytes\"");
        Fetched.ShouldBe((2, 1));
    }

    [Theory]
    [InlineData("Sat, 21 Nov 2026 10:00:00 GMT", HttpStatusCode.NotModified)]
    [InlineData("Sat, 21 Nov 2026 09:59:59 GMT", HttpStatusCode.OK)]
    [InlineData("yesterday", HttpStatusCode.OK)]
    public async Task A_date_alone_is_judged_from_memory_too(string since, HttpStatusCode expected)
    {
        (await GetAsync()).Dispose();

        using var answer = await GetAsync(("If-Modified-Since", since));

        answer.StatusCode.ShouldBe(expected);
        Fetched.ShouldBe((1, 1));
    }

    [Fact]
    public async Task A_date_alone_is_judged_by_the_service()
    {
        (await GetAsync(("If-Modified-Since", "Sun, 22 Nov 2026 00:00:00 GMT"))).Dispose();

        _gateway.Packages.Requests.Single(static request => request.Target == Target).Header("If-Modified-Since").ShouldNotBeNull();
    }

    [Fact]
    public async Task What_slow_readers_have_in_hand_is_bounded_and_beyond_that_bytes_pass_through()
    {
        var memory = _gateway.Memory;
        memory.TryTake(64 * 1024 * 1024).ShouldBeTrue();
        memory.TryTake(1).ShouldBeFalse();

        using var passed = await GetAsync();
        (await passed.Content.ReadAsByteArrayAsync()).ShouldBe(_bytes);
        memory.Tally.Entries.ShouldBe(0);
        memory.GiveBack(64 * 1024 * 1024);
        (await GetAsync()).Dispose();

        memory.Tally.Entries.ShouldBe(1);
        await Eventually.ShouldHoldAsync(
            () =>
            {
                var isFree = memory.TryTake(64 * 1024 * 1024);
                memory.GiveBack(isFree ? 64 * 1024 * 1024 : 0);
                return Task.FromResult(isFree);
            },
            "what was sent is in nobody's hand");
    }

    [Fact]
    public async Task A_change_of_the_package_forgets_it()
    {
        (await GetAsync()).Dispose();
        _gateway.Feed.Add("main", "left-pad");
        _gateway.Packages.Answer = context =>
        {
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        };

        using var unpublished = await GetAsync();

        unpublished.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_large_tarball_passes_through_every_time()
    {
        _bytes = new byte[513 * 1024];

        foreach (var _ in Enumerable.Range(0, 2))
        {
            using var answer = await GetAsync();
            (await answer.Content.ReadAsByteArrayAsync()).Length.ShouldBe(_bytes.Length);
        }

        Fetched.ShouldBe((2, 2));
        _gateway.Memory.Tally.Entries.ShouldBe(0);
    }

    [Fact]
    public async Task A_restricted_tarball_is_kept_for_nobody()
    {
        _isPublic = false;

        (await GetAsync(("Authorization", "Bearer good"))).Dispose();
        (await GetAsync(("Authorization", "Bearer good"))).Dispose();

        Fetched.ShouldBe((2, 2));
        _gateway.Memory.Tally.Entries.ShouldBe(0);
    }

    [Fact]
    public async Task A_part_is_taken_from_the_store()
    {
        (await GetAsync()).Dispose();

        using var part = await GetAsync(("Range", "bytes=0-9"));

        part.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        Fetched.ShouldBe((2, 2));
    }

    [Fact]
    public async Task A_store_that_cannot_answer_fills_nothing()
    {
        _gateway.Storage.Answer = context =>
        {
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        };
        using var refused = await GetAsync();
        _gateway.Storage.Answer = SendBlobAsync;
        using var answered = await GetAsync();

        (refused.StatusCode, answered.StatusCode).ShouldBe((HttpStatusCode.BadGateway, HttpStatusCode.OK));
    }

    [Fact]
    public async Task Many_first_readers_make_one_fetch()
    {
        var (arrived, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        _gateway.Storage.Answer = async context =>
        {
            arrived.TrySetResult();
            await gate.Task;
            await SendBlobAsync(context);
        };
        var first = GetAsync();
        await arrived.Task;
        var others = Enumerable.Range(0, 10).Select(_ => GetAsync()).ToList();

        gate.SetResult();

        foreach (var answer in await Task.WhenAll([first, .. others]))
        {
            (await answer.Content.ReadAsByteArrayAsync()).ShouldBe(_bytes);
            answer.Dispose();
        }

        Fetched.ShouldBe((1, 1));
    }

    private (int Named, int Sent) Fetched => (_gateway.Packages.Requests.Count(request => request.Target == Target), _gateway.Storage.Requests.Count);

    private async Task<HttpResponseMessage> GetAsync(params (string Name, string Value)[] headers)
    {
        await _gateway.Services.GetRequiredService<ChangesFollower>().AdvanceAsync(default);
        using var request = new HttpRequestMessage(HttpMethod.Get, Target);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _client.SendAsync(request);
    }

    private Task NameBlobAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ETag = "\"bytes\"";
        headers.LastModified = "Sat, 21 Nov 2026 10:00:00 GMT";
        headers.CacheControl = $"{(_isPublic ? "public" : "private")}, max-age=31536000, immutable";
        context.Response.ContentType = "application/octet-stream";
        headers[InternalHeaders.Blob] = "sha256:" + new string('a', 64);
        if (_isPublic)
        {
            headers[InternalHeaders.Cacheable] = "main/left-pad";
        }

        return Task.CompletedTask;
    }

    private async Task SendBlobAsync(HttpContext context)
    {
        context.Response.Headers.AcceptRanges = "bytes";
        if (context.Request.Headers.Range.Count > 0)
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes 0-9/{_bytes.Length}";
            context.Response.ContentLength = 10;
            await context.Response.Body.WriteAsync(_bytes.AsMemory(0, 10));
            return;
        }

        context.Response.ContentLength = _bytes.Length;
        await context.Response.Body.WriteAsync(_bytes);
    }
}
