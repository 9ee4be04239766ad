using System.Net;
using System.Net.Sockets;

using Microsoft.Extensions.DependencyInjection;

using Registry.PackageService.Storage;
using Registry.PackageService.Tests.Running;

namespace Registry.PackageService.Tests.Publishing.Bodies;

public sealed class StorageClientTests(PublishBodies bodies, PackageSystem system) : IClassFixture<PublishBodies>
{
    [Fact]
    public async Task What_is_written_is_stored()
    {
        var stored = await bodies.Storage().StoreAsync(
            async (stream, token) => await stream.WriteAsync("abc"u8.ToArray(), token), TestContext.Current.CancellationToken);

        stored.Digest.ShouldBe("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        (await bodies.DownloadAsync(stored.Digest)).ShouldBe("abc"u8.ToArray());
    }

    /// <summary>Other calls may take fifteen seconds. It takes that long to see, and nothing else: the client is the service's own.</summary>
    [Fact]
    public async Task A_writer_may_take_longer_than_other_calls()
    {
        var storage = system.Packages.Services.GetRequiredService<StorageClient>();

        var stored = await storage.StoreAsync(
            static async (stream, token) =>
            {
                await stream.WriteAsync("a"u8.ToArray(), token);
                await Task.Delay(TimeSpan.FromSeconds(15.5), token);
                await stream.WriteAsync("bc"u8.ToArray(), token);
            },
            TestContext.Current.CancellationToken);

        stored.SizeBytes.ShouldBe(3);
    }

    [Fact]
    public async Task A_writer_that_gives_up_leaves_nothing_behind_and_its_reason_comes_out()
    {
        foreach (Exception reason in new Exception[] { new InvalidDataException("mine"), new IOException("mine"), new NotSupportedException("mine") })
        {
            var before = await bodies.CountAsync();
            var thrown = await Should.ThrowAsync<Exception>(() => bodies.Storage().StoreAsync(
                async (stream, token) =>
                {
                    await stream.WriteAsync(new byte[300_000], token);
                    throw reason;
                },
                TestContext.Current.CancellationToken));

            thrown.ShouldBeSameAs(reason);
            await bodies.ShouldHoldAsync(before);
        }
    }

    [Fact]
    public async Task A_store_that_cannot_be_reached_is_an_HttpRequestException()
    {
        using var http = ClientOf(1);

        await Should.ThrowAsync<HttpRequestException>(() => new StorageClient(http).StoreAsync(
            async (stream, token) => await stream.WriteAsync(new byte[10], token), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_connection_cut_in_the_middle_of_an_upload_is_an_HttpRequestException()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var cut = Task.Run(async () =>
        {
            using var connection = await listener.AcceptTcpClientAsync();
            await connection.GetStream().ReadExactlyAsync(new byte[10_000]);
            connection.LingerState = new LingerOption(true, 0);
        });
        using var http = ClientOf(((IPEndPoint)listener.LocalEndpoint).Port);

        await Should.ThrowAsync<HttpRequestException>(() => new StorageClient(http).StoreAsync(
            async (stream, token) =>
            {
                while (true)
                {
                    await stream.WriteAsync(new byte[64 * 1024], token);
                }
            },
            TestContext.Current.CancellationToken));
        await cut;
    }

    private static HttpClient ClientOf(int port) =>
#pragma warning disable RS0030 // tests own their clients
        new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
#pragma warning restore RS0030
}
