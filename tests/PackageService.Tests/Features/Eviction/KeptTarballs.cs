using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Packages;
using Registry.PackageService.Storage;
using Registry.PackageService.Tests.Features.Upstreams;
using Registry.PackageService.Tests.Proxying;
using Registry.PackageService.Tests.Running;
using Registry.ServiceDefaults;
using Registry.Testing;
using Registry.Testing.Upstreams;

namespace Registry.PackageService.Tests.Features.Eviction;

/// <summary>A registry with one upstream, whose tarballs of one size it keeps.</summary>
internal sealed class KeptTarballs : IAsyncDisposable
{
    /// <summary>Three of them fit into the smallest cache.</summary>
    public const int Size = 300_000;

    private readonly OwnRegistry _own;

    private KeptTarballs(OwnRegistry own) => _own = own;

    public required NpmUpstream Upstream { get; init; }

    public required ProxySystem Proxy { get; init; }

    /// <summary>Starts with nothing kept.</summary>
    public static async Task<KeptTarballs> StartAsync(OwnRegistry own)
    {
        await own.EmptyAsync();
        var upstream = await NpmUpstream.StartAsync();
        return new KeptTarballs(own) { Upstream = upstream, Proxy = await ProxySystem.StartAsync(own.System, ProxySystem.Entry(upstream, "one")) };
    }

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        await Upstream.DisposeAsync();
    }

    /// <summary>One more process, with room for three that leave at once when they have to.</summary>
    public Task<ServiceHost> SmallAsync() => Proxy.AddHostAsync(("Upstreams:CacheBytes", "1048576"), ("Upstreams:KeepMinutes", "0"));

    /// <summary>A package whose tarball was asked for.</summary>
    public async Task<string> ProxiedAsync(ServiceHost host)
    {
        var name = PackageSystem.NewName();
        Upstream.Add(name, "1.0.0", BytesOf(name));
        await ReadAsync(name, host);
        return name;
    }

    public static byte[] BytesOf(string name) => [.. SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name)), .. new byte[Size - 32]];

    public static string DigestOf(byte[] bytes) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";

    /// <summary>Its tarball, read as the Gateway reads it: the answer's own body, or the blob it names.</summary>
    public async Task<byte[]> ReadAsync(string name, ServiceHost host)
    {
        using var answer = await Proxy.GetAsync($"/{name}/-/{name}-1.0.0.tgz", host);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return answer.Headers.TryGetValues(InternalHeaders.Blob, out var blob) ? await BlobAsync(blob.Single()) : await answer.Content.ReadAsByteArrayAsync();
    }

    private async Task<byte[]> BlobAsync(string digest)
    {
        using var bytes = new MemoryStream();
        await _own.System.Packages.Services.GetRequiredService<StorageClient>().CopyAsync(digest, 0, bytes, TestContext.Current.CancellationToken);
        return bytes.ToArray();
    }

    public async Task<bool> IsStoredAsync(byte[] bytes)
    {
        try
        {
            return (await BlobAsync(DigestOf(bytes))).Length == bytes.Length;
        }
        catch (HttpRequestException gone) when (gone.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    public async Task<List<string>> KeptAsync()
    {
        await using var db = _own.NewContext();
        return await db.UpstreamTarballs.Where(static tarball => tarball.Digest != null).Select(static tarball => tarball.Name).ToListAsync();
    }

    public async Task AgeAsync(string name, int days)
    {
        await using var db = _own.NewContext();
        await db.Database.ExecuteSqlAsync($"UPDATE upstream_tarballs SET used_at = now() - make_interval(days => {days}) WHERE name = {name}");
        await db.Database.ExecuteSqlAsync($"UPDATE upstream_packuments SET used_at = now() - make_interval(days => {days}) WHERE name = {name}");
    }

    public static async Task<HttpResponseMessage> AskAsync(ServiceHost host, bool dryRun)
    {
        using var client = host.ClientForService(ServiceNames.Operator);
        return await client.PostAsync(new Uri($"{PackageRoutes.EvictUpstreamCache}{(dryRun ? "?dryRun=true" : "")}", UriKind.Relative), null);
    }

    public static async Task<EvictionResponse> EvictAsync(ServiceHost host, bool dryRun = false)
    {
        using var answer = await AskAsync(host, dryRun);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await answer.Content.ReadFromJsonAsync<EvictionResponse>(RegistryJson.Options))!;
    }

    public static async Task<UpstreamCacheResponse> CacheAsync(ServiceHost host)
    {
        using var client = host.ClientForService(ServiceNames.Operator);
        return (await client.GetFromJsonAsync<UpstreamCacheResponse>(PackageRoutes.UpstreamCache, RegistryJson.Options))!;
    }
}
