using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

using Microsoft.AspNetCore.Http;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Storage;
using Registry.Gateway.Tests.Harness;

namespace Registry.Gateway.Tests.Blobs;

/// <summary>A Gateway that has StorageService's folder sends large files from it.</summary>
public sealed class SharedBlobTests : IAsyncLifetime
{
    private const int Length = 700_001;
    private static readonly byte[] Bytes = RandomNumberGenerator.GetBytes(Length);

    private readonly string _folder = Directory.CreateTempSubdirectory("registry-blobs-").FullName;
    private GatewayUnderTest _gateway = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync(("Gateway:BlobFolder", _folder));
        _client = _gateway.Client(_gateway.NpmAddress);
        _gateway.Storage.Answer = context => context.Response.WriteAsync("of the store");
        Store(Bytes);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _gateway.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_large_file_is_sent_under_the_headers_of_PackageService_without_asking_the_store()
    {
        var answer = await SendAsync(HttpMethod.Get);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsByteArrayAsync()).ShouldBe(Bytes);
        (answer.Content.Headers.ContentLength, answer.Content.Headers.ContentType!.MediaType, answer.Headers.ETag!.Tag).ShouldBe((Length, "application/gzip", "\"integrity\""));
        answer.Headers.AcceptRanges.ShouldBe(["bytes"]);
        answer.Headers.Contains(InternalHeaders.Blob).ShouldBeFalse();
        _gateway.Storage.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Head_has_its_length_and_no_bytes()
    {
        var answer = await SendAsync(HttpMethod.Head, ("Range", "bytes=1-2"));

        (answer.StatusCode, answer.Content.Headers.ContentLength).ShouldBe((HttpStatusCode.OK, Length));
        _gateway.Storage.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("bytes=10-19", null, 10, 10)]
    [InlineData("bytes=700000-", null, 700_000, 1)]
    [InlineData("bytes=300000-9999999999", "\"integrity\"", 300_000, 400_001)]
    [InlineData("bytes=-5", null, Length - 5, 5)]
    [InlineData("bytes=-9999999999", null, 0, Length)]
    public async Task One_range_is_sent(string range, string? ifRange, int from, int count)
    {
        var answer = await SendAsync(HttpMethod.Get, ("Range", range), ("If-Range", ifRange));

        answer.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        answer.Content.Headers.ContentRange.ShouldBe(new ContentRangeHeaderValue(from, from + count - 1, Length));
        (await answer.Content.ReadAsByteArrayAsync()).ShouldBe(Bytes[from..(from + count)]);
    }

    [Theory]
    [InlineData("bytes=10-19", "\"other\"")]
    [InlineData("bytes=10-19,30-39", null)]
    [InlineData("lines=1-2", null)]
    [InlineData("nonsense", null)]
    public async Task Everything_is_sent_where_no_one_range_is_wanted(string range, string? ifRange)
    {
        var answer = await SendAsync(HttpMethod.Get, ("Range", range), ("If-Range", ifRange));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsByteArrayAsync()).ShouldBe(Bytes);
    }

    [Theory]
    [InlineData("bytes=700001-")]
    [InlineData("bytes=-0")]
    public async Task A_range_beyond_the_end_is_416(string range)
    {
        var answer = await SendAsync(HttpMethod.Get, ("Range", range));

        answer.StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
        answer.Content.Headers.ContentRange!.Length.ShouldBe(Length);
        (answer.Content.Headers.ContentDisposition, answer.Headers.CacheControl, answer.Content.Headers.ContentLength).ShouldBe((null, null, 0L));
    }

    [Fact]
    public async Task What_is_small_or_is_not_there_is_asked_of_the_store()
    {
        Store(Bytes[..1000]);
        (await (await SendAsync(HttpMethod.Get)).Content.ReadAsStringAsync()).ShouldBe("of the store");
        Answer(SHA256.HashData(Bytes.AsSpan(1)));

        (await (await SendAsync(HttpMethod.Get)).Content.ReadAsStringAsync()).ShouldBe("of the store");
        _gateway.Storage.Requests.Count.ShouldBe(2);
    }

    private void Store(byte[] bytes)
    {
        var digest = SHA256.HashData(bytes);
        var path = BlobFiles.PathOf(BlobFiles.FolderIn(_folder), Convert.ToHexStringLower(digest));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        Answer(digest);
    }

    private void Answer(byte[] digest) => _gateway.Packages.Answer = context =>
    {
        var headers = context.Response.Headers;
        headers[InternalHeaders.Blob] = $"sha256:{Convert.ToHexStringLower(digest)}";
        headers.ETag = "\"integrity\"";
        headers.CacheControl = "public, max-age=31536000, immutable";
        headers.ContentDisposition = "attachment; filename=left-pad-1.0.0.tgz";
        context.Response.ContentType = "application/gzip";
        return Task.CompletedTask;
    };

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, params (string Name, string? Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, "/left-pad/-/left-pad-1.0.0.tgz");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _client.SendAsync(request);
    }
}
