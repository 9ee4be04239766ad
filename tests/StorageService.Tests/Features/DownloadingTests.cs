using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.StorageService.Tests.Blobs;
using Registry.Testing;

namespace Registry.StorageService.Tests.Features;

public sealed class DownloadingTests : IAsyncLifetime
{
    private readonly byte[] _content = Bytes.Unique(200_000);
    private StorageHost _storage = null!;

    private string Path => $"/internal/blobs/{Bytes.KeyOf(_content)}";

    private EntityTagHeaderValue Tag => new($"\"{Bytes.KeyOf(_content).Hex}\"");

    public async ValueTask InitializeAsync()
    {
        _storage = await StorageHost.StartAsync();
        using var stored = await _storage.Packages.PostAsync("/internal/blobs", new ByteArrayContent(_content));
        stored.EnsureSuccessStatusCode();
    }

    public ValueTask DisposeAsync() => _storage.DisposeAsync();

    [Fact]
    public async Task A_blob_is_downloaded_whole()
    {
        using var response = await _storage.Packages.GetAsync(Path);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsByteArrayAsync()).ShouldBe(_content);
        ShouldDescribeTheBlob(response);
        response.Content.Headers.ContentLength.ShouldBe(_content.Length);
    }

    [Fact]
    public async Task A_head_request_describes_the_blob()
    {
        using var response = await SendAsync(HttpMethod.Head);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        ShouldDescribeTheBlob(response);
        response.Content.Headers.ContentLength.ShouldBe(_content.Length);
        (await response.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(100, 199)]
    [InlineData(150_000, null)]
    [InlineData(null, 500)]
    [InlineData(199_999, 400_000)]
    public async Task A_range_is_downloaded_alone(int? from, int? to)
    {
        using var response = await SendAsync(HttpMethod.Get, request => request.Headers.Range = new RangeHeaderValue(from, to));

        var expected = from is null ? _content[^to!.Value..] : _content[from.Value..(Math.Min(to ?? int.MaxValue - 1, _content.Length - 1) + 1)];
        response.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        (await response.Content.ReadAsByteArrayAsync()).ShouldBe(expected);
        response.Content.Headers.ContentRange!.Length.ShouldBe(_content.Length);
        ShouldDescribeTheBlob(response);
    }

    [Fact]
    public async Task A_range_beyond_the_end_cannot_be_satisfied()
    {
        using var response = await SendAsync(HttpMethod.Get, request => request.Headers.Range = new RangeHeaderValue(200_000, null));

        response.StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
        response.Content.Headers.ContentRange!.ToString().ShouldBe("bytes */200000");
        response.Headers.CacheControl.ShouldBeNull();
    }

    [Theory]
    [InlineData(true, HttpStatusCode.PartialContent)]
    [InlineData(false, HttpStatusCode.OK)]
    public async Task A_range_of_another_blob_is_answered_with_the_whole(bool isSame, HttpStatusCode expected)
    {
        using var response = await SendAsync(HttpMethod.Get, request =>
        {
            request.Headers.Range = new RangeHeaderValue(0, 9);
            request.Headers.IfRange = new RangeConditionHeaderValue(isSame ? Tag : new EntityTagHeaderValue("\"other\""));
        });

        response.StatusCode.ShouldBe(expected);
    }

    [Fact]
    public async Task A_client_that_has_the_blob_is_told_so()
    {
        using var response = await SendAsync(HttpMethod.Get, request => request.Headers.IfNoneMatch.Add(Tag));

        response.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        response.Headers.ETag.ShouldBe(Tag);
        response.Headers.CacheControl.ShouldNotBeNull();
        (await response.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_public_blob_on_disk_is_streamed()
    {
        using var response = await _storage.Packages.GetAsync($"{Path}/public");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsByteArrayAsync()).ShouldBe(_content);
        ShouldDescribeTheBlob(response);
    }

    [Fact]
    public async Task The_empty_blob_is_downloaded()
    {
        using var stored = await _storage.Packages.PostAsync("/internal/blobs", new ByteArrayContent([]));

        using var response = await _storage.Packages.GetAsync($"/internal/blobs/{Bytes.KeyOf([])}");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentLength.ShouldBe(0);
    }

    [Theory]
    [InlineData("/internal/blobs/sha256:0000000000000000000000000000000000000000000000000000000000000000", HttpStatusCode.NotFound, "blob_not_found")]
    [InlineData("/internal/blobs/sha256:00", HttpStatusCode.BadRequest, "invalid_digest")]
    [InlineData("/internal/blobs/..%2F..%2Fetc%2Fpasswd", HttpStatusCode.BadRequest, "invalid_digest")]
    public async Task A_blob_that_is_not_there_and_a_digest_that_is_none_are_problems(string path, HttpStatusCode status, string code)
    {
        using var response = await _storage.Packages.GetAsync(path);

        response.StatusCode.ShouldBe(status);
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        problem["code"]!.GetValue<string>().ShouldBe(code);
        problem["error"]!.GetValue<string>().ShouldNotBeEmpty();
        response.Headers.CacheControl?.Public.ShouldBeFalse();
    }

    [Theory]
    [InlineData(Dialects.Native, "/internal/blobs/", HttpStatusCode.NotFound)]
    [InlineData("internal", "/blobs/", HttpStatusCode.Forbidden)]
    public async Task A_users_assertion_does_not_open_the_store(string dialect, string path, HttpStatusCode expected)
    {
        using var user = _storage.Host.ClientFor(TestKeys.User("ada", isAdministrator: true), TestKeys.Mount(dialect));
        using var response = await user.GetAsync(path + Bytes.KeyOf(_content));

        response.StatusCode.ShouldBe(expected);
    }

    [Fact]
    public async Task A_stranger_may_not_download()
    {
        using var stranger = _storage.Host.ClientForStranger();
        using var response = await stranger.GetAsync(Path);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_disk_that_is_gone_is_not_an_absent_blob()
    {
        Directory.Delete(_storage.Folder.Path, recursive: true);

        using var response = await _storage.Packages.GetAsync(Path);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        JsonNode.Parse(await response.Content.ReadAsStringAsync())!["code"]!.GetValue<string>().ShouldBe("storage_unavailable");
    }

    private static void ShouldDescribeTheBlob(HttpResponseMessage response)
    {
        response.Content.Headers.ContentType!.ToString().ShouldBe("application/octet-stream");
        response.Headers.ETag!.IsWeak.ShouldBeFalse();
        response.Headers.AcceptRanges.ShouldBe(["bytes"]);
        response.Headers.GetValues("Cache-Control").ShouldBe(["public, max-age=31536000, immutable"]);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, Action<HttpRequestMessage>? arrange = null)
    {
        using var request = new HttpRequestMessage(method, Path);
        arrange?.Invoke(request);
        return await _storage.Packages.SendAsync(request);
    }
}
