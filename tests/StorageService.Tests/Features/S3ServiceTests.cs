using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.WebUtilities;

using Registry.Contracts.Http;
using Registry.StorageService.Blobs.S3;
using Registry.StorageService.Tests.Blobs;
using Registry.StorageService.Tests.Blobs.S3;
using Registry.Testing;

namespace Registry.StorageService.Tests.Features;

/// <summary>The service with an S3 store behind it.</summary>
public sealed class S3ServiceTests : S3TestBase
{
    [Fact]
    public async Task A_blob_is_stored_and_downloaded_with_ranges()
    {
        await using var storage = await StartAsync();
        var content = Bytes.Unique(300_000);

        using var stored = await storage.Packages.PostAsync("/internal/blobs", new ByteArrayContent(content));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/internal/blobs/{Bytes.KeyOf(content)}");
        request.Headers.Range = new(100, 199);
        using var range = await storage.Packages.SendAsync(request);

        stored.StatusCode.ShouldBe(HttpStatusCode.Created);
        range.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        (await range.Content.ReadAsByteArrayAsync()).ShouldBe(content[100..200]);
        storage.CountFiles().ShouldBe(0);
        (await Bucket.ListAsync()).ShouldBe([S3Key(content)]);
    }

    [Fact]
    public async Task A_blob_is_deleted_unless_it_was_put_since()
    {
        await using var storage = await StartAsync();
        var content = Bytes.Unique();
        using var stored = await storage.Packages.PostAsync("/internal/blobs", new ByteArrayContent(content));
        var path = $"/internal/blobs/{Bytes.KeyOf(content)}?leasedBefore=";

        using var leased = await storage.Packages.DeleteAsync(path + "2026-01-01T00:00:00Z");
        using var removed = await storage.Packages.DeleteAsync(path + "9999-01-01T00:00:00Z");
        using var again = await storage.Packages.DeleteAsync(path + "9999-01-01T00:00:00Z");

        leased.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        removed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        again.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Bucket.ListAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task While_S3_is_down_requests_are_503_and_the_service_is_not_ready()
    {
        await using var proxy = new CutProxy(Bucket.Address.Endpoint.Host, Bucket.Address.Endpoint.Port);
        await using var storage = await StartAsync(proxy);
        using var anyone = storage.Host.ClientForStranger();
        (await anyone.GetAsync("/health")).StatusCode.ShouldBe(HttpStatusCode.OK);

        proxy.Refuse(true);
        using var stored = await storage.Packages.PostAsync("/internal/blobs", new ByteArrayContent(Bytes.Unique()));
        using var read = await storage.Packages.GetAsync($"/internal/blobs/{Bytes.KeyOf([])}");

        foreach (var answer in (HttpResponseMessage[])[stored, read])
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!.GetValue<string>().ShouldBe("storage_unavailable");
        }

        await Eventually.ShouldHoldAsync(async () => (await anyone.GetAsync("/health")).StatusCode == HttpStatusCode.ServiceUnavailable, "not ready");
        (await anyone.GetAsync("/alive")).StatusCode.ShouldBe(HttpStatusCode.OK);
        proxy.Refuse(false);
        await Eventually.ShouldHoldAsync(async () => (await anyone.GetAsync("/health")).StatusCode == HttpStatusCode.OK, "ready again");
    }

    [Fact]
    public async Task A_service_that_starts_before_S3_is_ready_once_S3_answers()
    {
        await using var proxy = new CutProxy(Bucket.Address.Endpoint.Host, Bucket.Address.Endpoint.Port);
        proxy.Refuse(true);
        await using var storage = await StartAsync(proxy);
        using var anyone = storage.Host.ClientForStranger();
        (await anyone.GetAsync("/health")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);

        proxy.Refuse(false);

        await Eventually.ShouldHoldAsync(async () => (await anyone.GetAsync("/health")).StatusCode == HttpStatusCode.OK, "ready");
    }

    [Fact]
    public async Task With_keys_that_are_refused_the_service_does_not_start_and_says_why()
    {
        var wrong = (Bucket.Address with { SecretKey = "wrong-secret" }).ConnectionString(Bucket.Name);

        var failure = await Should.ThrowAsync<InvalidOperationException>(
            () => ServiceHost.StartAsync(ServiceNames.Storage, StorageServiceApp.Build, [new("ConnectionStrings:s3", wrong)]));

        failure.Message.ShouldContain($"The bucket '{Bucket.Name}'");
        failure.Message.ShouldContain("ConnectionStrings:s3");
        failure.Message.ShouldContain("SignatureDoesNotMatch");
        failure.ToString().ShouldNotContain("wrong-secret");
    }

    [Fact]
    public async Task With_presigned_redirects_anybody_gets_a_public_blob_from_S3_for_a_while()
    {
        await using var storage = await StartAsync(null, ("Storage:S3:PresignedRedirects", "true"), ("Storage:S3:PresignedLifetime", "00:01:00"));
        var content = Bytes.Unique();
        using var stored = await storage.Packages.PostAsync("/internal/blobs", new ByteArrayContent(content));

        using var redirect = await storage.Packages.GetAsync($"/internal/blobs/{Bytes.KeyOf(content)}/public");
        using var absent = await storage.Packages.GetAsync($"/internal/blobs/{Bytes.KeyOf([1])}/public");

        redirect.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        redirect.Headers.CacheControl!.NoStore.ShouldBeTrue();
        LifetimeOf(redirect.Headers.Location).ShouldBeInRange(59, 61); // the SDK rounds, and reckons with how far S3's clock is off
        absent.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var stranger = storage.Host.ClientForStranger();
        (await stranger.GetByteArrayAsync(redirect.Headers.Location)).ShouldBe(content);
        (await stranger.GetAsync(redirect.Headers.Location.GetLeftPart(UriPartial.Path))).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Without_presigned_redirects_a_public_blob_is_streamed()
    {
        await using var storage = await StartAsync();
        var content = Bytes.Unique();
        using var stored = await storage.Packages.PostAsync("/internal/blobs", new ByteArrayContent(content));

        (await storage.Packages.GetByteArrayAsync($"/internal/blobs/{Bytes.KeyOf(content)}/public")).ShouldBe(content);
    }

    private static int LifetimeOf([NotNull] Uri? presigned) =>
        int.Parse(QueryHelpers.ParseQuery(presigned.ShouldNotBeNull().Query)["X-Amz-Expires"].ToString(), CultureInfo.InvariantCulture);

    private static string S3Key(byte[] content) => S3Layout.KeyOf(Bytes.KeyOf(content));

    private Task<StorageHost> StartAsync(CutProxy? proxy = null, params (string Key, string Value)[] settings)
    {
        var address = proxy is null ? Bucket.Address : Bucket.Address with { Endpoint = new Uri($"http://127.0.0.1:{proxy.Port}") };
        return StorageHost.StartAsync([.. settings, ("ConnectionStrings:s3", address.ConnectionString(Bucket.Name))]);
    }
}
