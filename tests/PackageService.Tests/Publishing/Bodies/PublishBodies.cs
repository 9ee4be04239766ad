using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

using Registry.Contracts.Http;
using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Packages;
using Registry.PackageService.Storage;
using Registry.StorageService;
using Registry.Testing;

namespace Registry.PackageService.Tests.Publishing.Bodies;

/// <summary>A reader of publish bodies in front of the real StorageService.</summary>
public sealed class PublishBodies : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("registry-publish-").FullName;
    private ServiceHost? _storage;

    private int StoredFiles => Directory.GetFiles(Path.Combine(_folder, "blobs"), "*", SearchOption.AllDirectories).Count(IsBlob);

    private string Incoming => Path.Combine(_folder, "blobs", "incoming");

    /// <summary>How many blobs are in the store, once it has cleared away what an earlier test cut off.</summary>
    public async Task<int> CountAsync()
    {
        await Eventually.ShouldHoldAsync(() => !Directory.EnumerateFiles(Incoming).Any(IsBlob), "what was cut off is cleared away");
        return StoredFiles;
    }

    /// <summary>Waits until the store has cleared away what was cut off, and no more than this many blobs are left.</summary>
    public async Task ShouldHoldAsync(int blobs)
    {
        var waited = Stopwatch.StartNew();
        while (StoredFiles != blobs && waited.Elapsed < TimeSpan.FromSeconds(10))
        {
            await Task.Delay(20);
        }

        StoredFiles.ShouldBe(blobs);
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "blobs"));
        _storage = await ServiceHost.StartAsync(
            ServiceNames.Storage, StorageServiceApp.Build, [new("Storage:Path", Path.Combine(_folder, "blobs"))]);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _storage!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A client of the store.</summary>
    internal StorageClient Storage() => new(_storage!.ClientForService(ServiceNames.Packages));

    /// <summary>Downloads a blob; null when there is none.</summary>
    internal async Task<byte[]?> DownloadAsync(string digest)
    {
        using var client = _storage!.ClientForService(ServiceNames.Packages);
        using var response = await client.GetAsync(new Uri($"internal/blobs/{digest}", UriKind.Relative));
        return response.IsSuccessStatusCode ? await response.Content.ReadAsByteArrayAsync() : null;
    }

    internal Task<ReadOutcome> ReadNpmAsync(JsonObject document, string urlName, PublishingOptions? options = null) =>
        ReadNpmAsync(new MemoryStream(Encoding.UTF8.GetBytes(document.ToJsonString())), urlName, options);

    internal Task<ReadOutcome> ReadNpmAsync(Stream body, string urlName, PublishingOptions? options = null) =>
        Reader(options).ReadNpmAsync(Request(body, "application/json"), PackageName.Parse(urlName), TestContext.Current.CancellationToken);

    internal Task<ReadOutcome> ReadPantryAsync(Stream body, string contentType, PublishingOptions? options = null) =>
        Reader(options).ReadPantryAsync(Request(body, contentType), TestContext.Current.CancellationToken);

    /// <summary>The document npm sends for a tarball (npm protocol 3.4).</summary>
    internal static JsonObject NpmDocument(string name, string version, byte[] tarball) =>
        new()
        {
            ["_id"] = name,
            ["name"] = name,
            ["dist-tags"] = new JsonObject { ["latest"] = version },
            ["versions"] = new JsonObject
            {
                [version] = new JsonObject
                {
                    ["name"] = name,
                    ["version"] = version,
                    ["_id"] = $"{name}@{version}",
                    ["dist"] = new JsonObject { ["integrity"] = $"sha512-{Convert.ToBase64String(SHA512.HashData(tarball))}", ["shasum"] = Shasum(tarball) },
                },
            },
            ["access"] = null,
            ["_attachments"] = new JsonObject
            {
                [$"{name}-{version}.tgz"] = new JsonObject
                {
                    ["content_type"] = "application/octet-stream",
                    ["data"] = Convert.ToBase64String(tarball),
                    ["length"] = tarball.Length,
                },
            },
        };

#pragma warning disable CA5350 // the protocol's legacy shasum
    internal static string Shasum(byte[] tarball) => Convert.ToHexStringLower(SHA1.HashData(tarball));
#pragma warning restore CA5350

    private static bool IsBlob(string path) => new FileInfo(path) is { Exists: true, Length: > 0 }; // it may be gone since it was listed

    private static HttpRequest Request(Stream body, string contentType)
    {
        var request = new DefaultHttpContext().Request;
        request.Body = body;
        request.ContentType = contentType;
        return request;
    }

    private PublishBodyReader Reader(PublishingOptions? options) => new(Storage(), Options.Create(options ?? new PublishingOptions()));
}
