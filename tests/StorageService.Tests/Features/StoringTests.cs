using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Storage;
using Registry.StorageService.Tests.Blobs;
using Registry.Testing;

namespace Registry.StorageService.Tests.Features;

public sealed class StoringTests : IAsyncLifetime
{
    private StorageHost _storage = null!;

    public async ValueTask InitializeAsync() => _storage = await StorageHost.StartAsync(("Storage:MaxBlobBytes", "1000000"));

    public ValueTask DisposeAsync() => _storage.DisposeAsync();

    [Fact]
    public async Task A_new_blob_is_created_and_named()
    {
        var content = Bytes.Unique();
        var digest = Bytes.KeyOf(content).ToString();

        using var response = await _storage.Packages.PostAsync($"/internal/blobs?expected={digest}", new ByteArrayContent(content));

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        response.Headers.Location!.ToString().ShouldBe($"/internal/blobs/{digest}");
        (await response.Content.ReadFromJsonAsync<StoreBlobResponse>()).ShouldBe(new StoreBlobResponse(digest, content.Length, AlreadyStored: false));
    }

    [Fact]
    public async Task A_blob_that_is_there_is_confirmed()
    {
        var content = Bytes.Unique();
        using var first = await _storage.Packages.PostAsync("/internal/blobs", new ByteArrayContent(content));

        using var second = await _storage.Packages.PostAsync("/internal/blobs", new ByteArrayContent(content));

        second.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await second.Content.ReadFromJsonAsync<StoreBlobResponse>())!.AlreadyStored.ShouldBeTrue();
    }

    [Fact]
    public async Task A_body_of_unknown_length_is_stored()
    {
        using var response = await _storage.Packages.PostAsync("/internal/blobs", new StreamContent(new GeneratedStream(900_000)));

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        (await response.Content.ReadFromJsonAsync<StoreBlobResponse>())!.SizeBytes.ShouldBe(900_000);
    }

    [Fact]
    public async Task Bytes_with_another_digest_are_refused()
    {
        using var response = await _storage.Packages.PostAsync(
            $"/internal/blobs?expected={Bytes.KeyOf(Bytes.Unique())}", new ByteArrayContent(Bytes.Unique()));

        await ShouldBeProblemAsync(response, HttpStatusCode.UnprocessableEntity, "digest_mismatch");
        _storage.CountFiles().ShouldBe(0);
    }

    [Theory]
    [InlineData("sha1:abc")]
    [InlineData("")]
    public async Task A_malformed_digest_is_refused(string digest)
    {
        using var response = await _storage.Packages.PostAsync($"/internal/blobs?expected={digest}", new ByteArrayContent([1]));

        await ShouldBeProblemAsync(response, HttpStatusCode.BadRequest, "invalid_digest");
        _storage.CountFiles().ShouldBe(0);
    }

    [Fact]
    public async Task A_body_announced_as_too_large_is_refused()
    {
        using var response = await _storage.Packages.PostAsync("/internal/blobs", new ByteArrayContent(new byte[1_000_001]));

        await ShouldBeProblemAsync(response, HttpStatusCode.RequestEntityTooLarge, "blob_too_large");
    }

    [Fact]
    public async Task A_body_that_turns_out_too_large_is_refused_and_forgotten()
    {
        using var response = await _storage.Packages.PostAsync("/internal/blobs", new StreamContent(new GeneratedStream(1_000_001)));

        await ShouldBeProblemAsync(response, HttpStatusCode.RequestEntityTooLarge, "blob_too_large");
        _storage.CountFiles().ShouldBe(0);
    }

    [Fact]
    public async Task The_largest_body_allowed_is_stored()
    {
        using var response = await _storage.Packages.PostAsync("/internal/blobs", new StreamContent(new GeneratedStream(1_000_000)));

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("Transfer-Encoding: chunked", "5\r\nhello\r\n")]
    [InlineData("Content-Length: 100", "hello")]
    public async Task A_body_that_is_cut_off_stores_nothing(string framing, string beginning)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(_storage.Host.Address.Host, _storage.Host.Address.Port);
        var assertion = TestKeys.Codec.SignService(ServiceNames.Packages, ServiceNames.Storage);
        var wire = connection.GetStream();
        await wire.WriteAsync(Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"POST /internal/blobs HTTP/1.1\r\nHost: storage\r\n{InternalHeaders.Assertion}: {assertion}\r\n{framing}\r\n\r\n{beginning}")));
        await Eventually.ShouldHoldAsync(() => Directory.GetFiles(_storage.Folder.Incoming).Length == 1, "the upload began");

        connection.Client.Shutdown(SocketShutdown.Send);

        await Eventually.ShouldHoldAsync(() => _storage.CountFiles() == 0, "nothing is left of it");
        (await ReadUntilClosedAsync(wire)).ShouldNotContain("HTTP/1.1 2");
    }

    [Fact]
    public async Task A_client_that_gives_up_leaves_nothing()
    {
        using var cancellation = new CancellationTokenSource();
        var never = new GeneratedStream(500_000)
        {
            BeforeRead = async (given, token) =>
            {
                if (given > 100_000)
                {
                    await Task.Delay(Timeout.Infinite, token);
                }
            },
        };
        var post = _storage.Packages.PostAsync("/internal/blobs", new StreamContent(never), cancellation.Token);
        await Eventually.ShouldHoldAsync(() => Directory.GetFiles(_storage.Folder.Incoming).Length == 1, "the upload began");

        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => post);
        await Eventually.ShouldHoldAsync(() => _storage.CountFiles() == 0, "nothing is left of it");
    }

    [Theory]
    [InlineData(Dialects.Native, "/internal/blobs", HttpStatusCode.NotFound)] // routed below the dialect, where there is no such path
    [InlineData("internal", "/blobs", HttpStatusCode.Forbidden)] // and if a mount's dialect made it one, the kind of assertion is wrong
    public async Task A_users_assertion_does_not_open_the_store(string dialect, string path, HttpStatusCode expected)
    {
        using var user = _storage.Host.ClientFor(TestKeys.User("ada", isAdministrator: true), TestKeys.Mount(dialect));
        using var response = await user.PostAsync(path, new ByteArrayContent([1]));

        response.StatusCode.ShouldBe(expected);
        _storage.CountFiles().ShouldBe(0);
    }

    [Fact]
    public async Task A_stranger_may_not_store()
    {
        using var stranger = _storage.Host.ClientForStranger();
        using var response = await stranger.PostAsync("/internal/blobs", new ByteArrayContent([1]));

        await ShouldBeProblemAsync(response, HttpStatusCode.Unauthorized, "assertion_required");
        _storage.CountFiles().ShouldBe(0);
    }

    [Fact]
    public async Task Storing_without_a_disk_is_an_error_that_says_so()
    {
        Directory.Delete(_storage.Folder.Path, recursive: true);
        await File.WriteAllTextAsync(_storage.Folder.Path, "no longer a folder");

        using var response = await _storage.Packages.PostAsync("/internal/blobs", new ByteArrayContent([1]));

        await ShouldBeProblemAsync(response, HttpStatusCode.ServiceUnavailable, "storage_unavailable");
        response.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Storing_on_a_disk_that_is_read_only_is_an_error_that_says_so()
    {
        if (Environment.IsPrivilegedProcess)
        {
            await OrdinaryUser.RunAsync(nameof(Storing_on_a_disk_that_is_read_only_is_an_error_that_says_so)); // permissions do not bind root
            return;
        }

        File.SetUnixFileMode(_storage.Folder.Incoming, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        using var response = await _storage.Packages.PostAsync("/internal/blobs", new ByteArrayContent([1]));
        File.SetUnixFileMode(_storage.Folder.Incoming, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        await ShouldBeProblemAsync(response, HttpStatusCode.ServiceUnavailable, "storage_unavailable");
    }

    private static async Task ShouldBeProblemAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(status, text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = JsonNode.Parse(text)!;
        problem["code"]!.GetValue<string>().ShouldBe(code);
        problem["error"]!.GetValue<string>().ShouldNotBeEmpty();
    }

    private static async Task<string> ReadUntilClosedAsync(NetworkStream wire)
    {
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            int read;
            while ((read = await wire.ReadAsync(buffer)) > 0)
            {
                answer.Append(Encoding.ASCII.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            // A reset is as good an answer to half a body as a 400.
        }

        return answer.ToString();
    }
}
