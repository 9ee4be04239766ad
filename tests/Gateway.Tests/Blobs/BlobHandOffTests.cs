using System.Net;
using System.Net.Http.Headers;

using Microsoft.AspNetCore.Http;

using Registry.Contracts.Http;
using Registry.Gateway.Tests.Harness;
using Registry.Testing;

namespace Registry.Gateway.Tests.Blobs;

public sealed class BlobHandOffTests : IAsyncLifetime
{
    private const string Target = "/left-pad/-/left-pad-1.0.0.tgz";
    private static readonly string Digest = "sha256:" + new string('a', 64);
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];

    private GatewayUnderTest _gateway = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync();
        _client = _gateway.Client(_gateway.NpmAddress);
        _gateway.Packages.Answer = context => NameBlobAsync(context, Digest);
        _gateway.Storage.Answer = SendBlobAsync;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task The_blob_is_sent_under_the_headers_of_PackageService()
    {
        var answer = await SendAsync(HttpMethod.Get, ("Authorization", "Bearer good"), ("If-None-Match", "\"old\""), ("Accept-Encoding", "gzip"));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsByteArrayAsync()).ShouldBe(Bytes);
        answer.Content.Headers.ContentLength.ShouldBe(1000);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/gzip");
        answer.Content.Headers.ContentDisposition!.FileName.ShouldBe("left-pad-1.0.0.tgz");
        answer.Headers.ETag!.Tag.ShouldBe("\"integrity\"");
        answer.Headers.CacheControl!.ToString().ShouldContain("immutable");
        answer.Headers.AcceptRanges.ShouldBe(["bytes"]);
        answer.Headers.Contains(InternalHeaders.Blob).ShouldBeFalse();
        var request = _gateway.Storage.Requests.Single();
        (request.Method, request.Target).ShouldBe(("GET", $"/internal/blobs/{Digest}"));
        TestKeys.Codec.Verify(request.Header(InternalHeaders.Assertion)!, ServiceNames.Storage)!.Kind.ShouldBe(AssertionKind.Service);
        (request.Header("Authorization"), request.Header("If-None-Match"), request.Header("Accept-Encoding")).ShouldBe((null, null, null));
    }

    [Fact]
    public async Task Head_asks_the_store_for_the_head()
    {
        var answer = await SendAsync(HttpMethod.Head);

        (answer.StatusCode, answer.Content.Headers.ContentLength).ShouldBe((HttpStatusCode.OK, 1000L));
        _gateway.Storage.Requests.Single().Method.ShouldBe("HEAD");
    }

    [Theory]
    [InlineData(null, 206, 10)]
    [InlineData("\"integrity\"", 206, 10)]
    [InlineData("\"other\"", 200, 1000)]
    [InlineData("W/\"integrity\"", 200, 1000)]
    public async Task A_range_is_sent_when_its_condition_holds(string? ifRange, int status, int length)
    {
        var answer = ifRange is null
            ? await SendAsync(HttpMethod.Get, ("Range", "bytes=10-19"))
            : await SendAsync(HttpMethod.Get, ("Range", "bytes=10-19"), ("If-Range", ifRange));

        ((int)answer.StatusCode, (await answer.Content.ReadAsByteArrayAsync()).Length).ShouldBe((status, length));
        answer.Content.Headers.ContentRange.ShouldBe(status == 206 ? new ContentRangeHeaderValue(10, 19, 1000) : null);
    }

    [Fact]
    public async Task A_range_beyond_the_end_is_416()
    {
        var answer = await SendAsync(HttpMethod.Get, ("Range", "bytes=5000-"));

        answer.StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
        answer.Content.Headers.ContentRange!.Length.ShouldBe(1000);
        answer.Content.Headers.ContentDisposition.ShouldBeNull();
    }

    [Fact]
    public async Task A_store_that_breaks_off_cuts_the_connection_and_never_ends_a_short_200()
    {
        var begun = new TaskCompletionSource();
        _gateway.Storage.Answer = async context =>
        {
            context.Response.ContentLength = 100_000;
            await context.Response.Body.WriteAsync(Bytes);
            await context.Response.Body.FlushAsync();
            await begun.Task;
            context.Abort();
        };

        var answer = await _client.GetAsync(new Uri(Target, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        begun.SetResult();

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        await Should.ThrowAsync<HttpRequestException>(answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_store_that_breaks_off_a_chunked_answer_cuts_the_connection_too()
    {
        var begun = new TaskCompletionSource();
        _gateway.Storage.Answer = async context =>
        {
            await context.Response.Body.WriteAsync(Bytes);
            await context.Response.Body.FlushAsync();
            await begun.Task;
            context.Abort();
        };

        var answer = await _client.GetAsync(new Uri(Target, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        begun.SetResult();

        await Should.ThrowAsync<HttpRequestException>(answer.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData(404, 502, "blob_missing")]
    [InlineData(500, 503, "storage_unavailable")]
    [InlineData(401, 503, "storage_unavailable")]
    public async Task A_store_that_refuses_is_an_error_without_the_headers_of_the_file(int stored, int status, string code)
    {
        _gateway.Storage.Answer = context =>
        {
            context.Response.StatusCode = stored;
            return Task.CompletedTask;
        };

        await IsErrorAsync(status, code);
    }

    [Fact]
    public async Task An_anonymous_download_of_what_is_public_may_be_sent_elsewhere()
    {
        _gateway.Storage.Answer = RedirectAsync;

        var answer = await SendAsync(HttpMethod.Get, ("Range", "bytes=0-9"));

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location.ShouldBe(new Uri("https://s3.example.test/bucket/blob?signature=1%2F2"));
        answer.Headers.CacheControl!.ToString().ShouldBe("no-store");
        (answer.Headers.ETag, answer.Content.Headers.ContentDisposition, answer.Content.Headers.ContentLength).ShouldBe((null, null, 0L));
        _gateway.Storage.Requests.Single().Target.ShouldBe($"/internal/blobs/{Digest}/public");
    }

    [Theory]
    [InlineData("GET", "good", "public, max-age=31536000, immutable")]
    [InlineData("GET", "unknown", "public, max-age=31536000, immutable")]
    [InlineData("GET", null, "private, max-age=31536000, immutable")]
    [InlineData("GET", null, null)]
    [InlineData("HEAD", null, "public, max-age=31536000, immutable")]
    public async Task Anything_else_is_asked_of_the_store_as_bytes(string method, string? token, string? cacheControl)
    {
        _gateway.Packages.Answer = async context =>
        {
            await NameBlobAsync(context, Digest);
            context.Response.Headers.CacheControl = cacheControl;
        };

        var answer = token is null ? await SendAsync(new HttpMethod(method)) : await SendAsync(new HttpMethod(method), ("Authorization", $"Bearer {token}"));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        _gateway.Storage.Requests.Single().Target.ShouldBe($"/internal/blobs/{Digest}");
    }

    [Fact]
    public async Task A_store_that_sends_elsewhere_unasked_is_an_error()
    {
        _gateway.Storage.Answer = RedirectAsync;

        var answer = await SendAsync(HttpMethod.Get, ("Authorization", "Bearer good"));

        ((int)answer.StatusCode, answer.Headers.Location).ShouldBe((503, null));
    }

    [Fact]
    public async Task A_store_that_cannot_be_reached_is_503()
    {
        await _gateway.Storage.LeaveAsync();

        await IsErrorAsync(503, "service_unavailable");
    }

    [Theory]
    [InlineData("sha256:../../x")]
    [InlineData("md5:aaaa")]
    [InlineData("")]
    public async Task Something_that_is_no_digest_never_reaches_the_store(string named)
    {
        _gateway.Packages.Answer = context => NameBlobAsync(context, named.Length == 0 ? "x" : named);

        await IsErrorAsync(502, "invalid_blob");

        _gateway.Storage.Requests.ShouldBeEmpty();
    }

    private async Task IsErrorAsync(int status, string code)
    {
        var answer = await SendAsync(HttpMethod.Get);
        var body = await answer.Content.ReadAsStringAsync();

        ((int)answer.StatusCode).ShouldBe(status);
        body.ShouldContain($"\"code\":\"{code}\"");
        body.ShouldContain("\"error\":");
        answer.Headers.RetryAfter.ShouldNotBeNull();
        (answer.Headers.ETag, answer.Headers.CacheControl, answer.Content.Headers.ContentDisposition).ShouldBe((null, null, null));
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, Target);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _client.SendAsync(request);
    }

    private static Task NameBlobAsync(HttpContext context, string digest)
    {
        var headers = context.Response.Headers;
        headers[InternalHeaders.Blob] = digest;
        headers.ETag = "\"integrity\"";
        headers.CacheControl = "public, max-age=31536000, immutable";
        headers.ContentDisposition = "attachment; filename=left-pad-1.0.0.tgz";
        context.Response.ContentType = "application/gzip";
        return Task.CompletedTask;
    }

    private static Task RedirectAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.Headers.Location = "https://s3.example.test/bucket/blob?signature=1%2F2";
        return Task.CompletedTask;
    }

    private static Task SendBlobAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Bytes(
            Bytes, "application/octet-stream", enableRangeProcessing: true,
            entityTag: new Microsoft.Net.Http.Headers.EntityTagHeaderValue("\"of-the-store\"")).ExecuteAsync(context);
    }
}
