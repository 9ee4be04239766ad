using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests;

/// <summary>400 MB tarballs pass in both directions and both bodies while the process's memory stays flat.</summary>
public sealed class LargeTarballTests(RegistryFixture fixture)
{
    private const long Size = 400_000_000;
    private const long AllowedGrowthBytes = 100 << 20;

    [Theory]
    [InlineData("npm")]
    [InlineData("multipart")]
    public async Task A_400_MB_tarball_publishes_and_downloads_with_flat_memory(string form)
    {
        using var user = await fixture.SignedUpAsync($"large-{form}");
        using var client = RegistryFixture.HttpFor(user);
        client.Timeout = TimeSpan.FromMinutes(5);
        var name = $"large-{form}";
        var path = Path.Combine(Directory.CreateTempSubdirectory("registry-large-").FullName, $"{name}.tgz");
        await using (var file = File.Create(path))
        {
            TarballOf.WriteLarge(file, name, "1.0.0", Size);
        }

        var digest = await HashAsync(path);
        var processes = await fixture.Registry.ProcessIdsAsync();
        var before = PeakWatch.ResidentBytes(processes);
        using var watch = new PeakWatch(processes);

        using var published = form == "npm"
            ? await client.PutAsync($"{fixture.Registry.Npm}/{name}", new NpmBody(name, path))
            : await client.PostAsync($"{fixture.Registry.Npm}/publish", Multipart(name, path));
        published.StatusCode.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.Created);
        using var download = await client.GetAsync($"{fixture.Registry.Npm}/{name}/-/{name}-1.0.0.tgz", HttpCompletionOption.ResponseHeadersRead);
        var received = await SHA512.HashDataAsync(await download.Content.ReadAsStreamAsync());

        received.ShouldBe(digest);
        (watch.PeakBytes - before).ShouldBeLessThan(AllowedGrowthBytes);
        File.Delete(path);
    }

    private static async Task<byte[]> HashAsync(string path)
    {
        await using var file = File.OpenRead(path);
        return await SHA512.HashDataAsync(file);
    }

    private static MultipartFormDataContent Multipart(string name, string path) => new()
    {
        { new StringContent($$"""{"name":"{{name}}","version":"1.0.0"}"""), "metadata" },
        { new StreamContent(File.OpenRead(path)), "tarball", $"{name}-1.0.0.tgz" },
    };

    /// <summary>npm's publish document around a file, encoded while it is sent: npm itself would hold it whole.</summary>
    private sealed class NpmBody : HttpContent
    {
        private const int Chunk = 3 << 16;
        private readonly string _path;
        private readonly byte[] _head;
        private readonly byte[] _tail;

        public NpmBody(string name, string path)
        {
            _path = path;
            var head = $"{{\"_id\":\"{name}\",\"name\":\"{name}\",\"access\":\"public\",\"dist-tags\":{{\"latest\":\"1.0.0\"}},"
                + $"\"versions\":{{\"1.0.0\":{{\"name\":\"{name}\",\"version\":\"1.0.0\"}}}},"
                + $"\"_attachments\":{{\"{name}-1.0.0.tgz\":{{\"content_type\":\"application/octet-stream\",\"data\":\"";
            _head = Encoding.UTF8.GetBytes(head);
            _tail = Encoding.UTF8.GetBytes($"\",\"length\":{new FileInfo(path).Length}}}}}}}");
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_head);
            await using var file = File.OpenRead(_path);
            var bytes = new byte[Chunk];
            var text = new byte[System.Buffers.Text.Base64.GetMaxEncodedToUtf8Length(Chunk)];
            int read;
            while ((read = await file.ReadAtLeastAsync(bytes, Chunk, throwOnEndOfStream: false)) > 0)
            {
                System.Buffers.Text.Base64.EncodeToUtf8(bytes.AsSpan(0, read), text, out _, out var written).ShouldBe(OperationStatus.Done);
                await stream.WriteAsync(text.AsMemory(0, written));
            }

            await stream.WriteAsync(_tail);
        }

        protected override bool TryComputeLength(out long length)
        {
            var size = new FileInfo(_path).Length;
            length = _head.Length + ((size + 2) / 3 * 4) + _tail.Length;
            return true;
        }
    }
}
