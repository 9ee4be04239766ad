using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Storage;
using Registry.StorageService.Features.Deleting;
using Registry.StorageService.Tests.Blobs;
using Registry.Testing;

namespace Registry.StorageService.Tests.Features;

public sealed class DeletingTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Later = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly byte[] _content = Bytes.Unique();
    private StorageHost _storage = null!;

    private string Path => $"/internal/blobs/{Bytes.KeyOf(_content)}";

    public async ValueTask InitializeAsync()
    {
        _storage = await StorageHost.StartAsync();
        await PutAsync();
    }

    public ValueTask DisposeAsync() => _storage.DisposeAsync();

    [Fact]
    public async Task A_blob_with_an_older_lease_is_removed()
    {
        using var response = await DeleteAsync(Later);
        using var read = await _storage.Packages.GetAsync(Path);

        response.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        read.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        _storage.CountFiles().ShouldBe(0);
    }

    [Fact]
    public async Task A_blob_that_was_put_since_stays()
    {
        var lookedAt = File.GetLastWriteTimeUtc(_storage.Folder.PathOf(Bytes.KeyOf(_content)));
        await Eventually.ShouldHoldAsync(
            async () =>
            {
                await PutAsync();
                return File.GetLastWriteTimeUtc(_storage.Folder.PathOf(Bytes.KeyOf(_content))) > lookedAt;
            },
            "the lease is renewed");

        using var response = await DeleteAsync(lookedAt);

        await ShouldBeProblemAsync(response, HttpStatusCode.Conflict, "blob_leased");
        (await _storage.Packages.GetByteArrayAsync(Path)).ShouldBe(_content);
    }

    [Fact]
    public async Task A_blob_that_is_gone_is_not_found()
    {
        using var first = await DeleteAsync(Later);

        using var second = await DeleteAsync(Later);

        await ShouldBeProblemAsync(second, HttpStatusCode.NotFound, "blob_not_found");
    }

    [Fact]
    public async Task A_blob_that_was_removed_can_be_stored_again()
    {
        using var removed = await DeleteAsync(Later);

        await PutAsync();

        (await _storage.Packages.GetByteArrayAsync(Path)).ShouldBe(_content);
    }

    [Theory]
    [InlineData("sha256:00", "?leasedBefore=2026-03-14T15:09:26Z", "invalid_digest")]
    [InlineData("..%2F..%2Fetc%2Fpasswd", "?leasedBefore=2026-03-14T15:09:26Z", "invalid_digest")]
    [InlineData("sha256:00", "?leasedBefore=soon", "invalid_digest")]
    [InlineData(null, "", "invalid_time")]
    [InlineData(null, "?leasedBefore=", "invalid_time")]
    [InlineData(null, "?leasedBefore=soon", "invalid_time")]
    [InlineData(null, "?leasedBefore=9999-01-01", "invalid_time")]
    public async Task A_malformed_digest_or_time_is_refused(string? digest, string query, string code)
    {
        using var response = await _storage.Packages.DeleteAsync((digest is null ? Path : $"/internal/blobs/{digest}") + query);

        await ShouldBeProblemAsync(response, HttpStatusCode.BadRequest, code);
        _storage.CountFiles().ShouldBe(1);
    }

    [Theory]
    [InlineData("2026-03-14T15:09:26Z", "2026-03-14T15:09:26.0000000+00:00")]
    [InlineData("2026-03-14T15:09:26", "2026-03-14T15:09:26.0000000+00:00")]
    [InlineData("2026-03-14T15:09:26.5350001Z", "2026-03-14T15:09:26.5350001+00:00")]
    [InlineData("2026-03-14T15:09:26+01:00", "2026-03-14T15:09:26.0000000+01:00")]
    [InlineData("2026-03-14T15:09:26.5350000+00:00", "2026-03-14T15:09:26.5350000+00:00")]
    [InlineData("2026-03-14 15:09:26Z", null)]
    [InlineData("2026-03-14T15:09Z", null)]
    [InlineData("2026-02-30T15:09:26Z", null)]
    [InlineData("03/14/2026", null)]
    [InlineData("1773500966", null)]
    public void A_time_is_read_in_one_way(string text, string? expected)
    {
        LeaseTime.TryParse(text, null, out var time);

        time?.Value.ToString("O", CultureInfo.InvariantCulture).ShouldBe(expected);
        (time is null).ShouldBe(expected is null);
    }

    [Theory]
    [InlineData(Dialects.Native, "/internal/blobs/", HttpStatusCode.NotFound)]
    [InlineData("internal", "/blobs/", HttpStatusCode.Forbidden)]
    public async Task A_users_assertion_does_not_open_the_store(string dialect, string path, HttpStatusCode expected)
    {
        using var user = _storage.Host.ClientFor(TestKeys.User("ada", isAdministrator: true), TestKeys.Mount(dialect));
        using var response = await user.DeleteAsync($"{path}{Bytes.KeyOf(_content)}?leasedBefore={Later:O}");

        response.StatusCode.ShouldBe(expected);
        _storage.CountFiles().ShouldBe(1);
    }

    [Fact]
    public async Task A_stranger_may_not_delete()
    {
        using var stranger = _storage.Host.ClientForStranger();
        using var response = await stranger.DeleteAsync($"{Path}?{StorageRoutes.LeasedBefore}=9999-01-01T00:00:00Z");

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        _storage.CountFiles().ShouldBe(1);
    }

    [Fact]
    public async Task A_disk_that_is_gone_is_not_an_absent_blob()
    {
        Directory.Delete(_storage.Folder.Path, recursive: true);

        using var response = await DeleteAsync(Later);

        await ShouldBeProblemAsync(response, HttpStatusCode.ServiceUnavailable, "storage_unavailable");
    }

    private static async Task ShouldBeProblemAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(status, text);
        var problem = JsonNode.Parse(text)!;
        problem["code"]!.GetValue<string>().ShouldBe(code);
        problem["error"]!.GetValue<string>().ShouldNotBeEmpty();
    }

    private async Task PutAsync()
    {
        using var stored = await _storage.Packages.PostAsync("/internal/blobs", new ByteArrayContent(_content));
        stored.EnsureSuccessStatusCode();
    }

    private Task<HttpResponseMessage> DeleteAsync(DateTimeOffset leasedBefore) =>
        _storage.Packages.DeleteAsync($"{Path}?{StorageRoutes.LeasedBefore}={Uri.EscapeDataString(leasedBefore.ToString("O", CultureInfo.InvariantCulture))}");
}
