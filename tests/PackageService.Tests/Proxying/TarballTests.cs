using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Http;

using Registry.Contracts.Http;
using Registry.PackageService.Tests.Running;
using Registry.Testing;
using Registry.Testing.Upstreams;

namespace Registry.PackageService.Tests.Proxying;

/// <summary>Tarballs on their way from an upstream: read along while they are stored, ended only when they are what was promised.</summary>
public sealed class TarballTests(PackageSystem system) : IAsyncLifetime
{
    private const int Large = 32 * 1024 * 1024; // more than all buffers between two sockets hold

    private readonly string _name = PackageSystem.NewName();
    private NpmUpstream _upstream = null!;
    private ProxySystem _proxy = null!;

    private string Path => $"/{_name}/-/{_name}-1.0.0.tgz";

    public async ValueTask InitializeAsync()
    {
        _upstream = await NpmUpstream.StartAsync();
        _proxy = await ProxySystem.StartAsync(system, ProxySystem.Entry(_upstream));
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task The_first_client_gets_bytes_before_the_upstream_has_sent_them_all()
    {
        var (bytes, gate) = (_upstream.Add(_name, "1.0.0", RandomNumberGenerator.GetBytes(1_000_000)), new TaskCompletionSource());
        _upstream.Fault = Faults.OfTarballs(async context =>
        {
            await context.Response.Body.WriteAsync(bytes.AsMemory(0, 500_000));
            await gate.Task;
            await context.Response.Body.WriteAsync(bytes.AsMemory(500_000));
            return true;
        });
        using var client = _proxy.Npm();
        using var answer = await client.GetAsync(new Uri(Path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var received = new byte[bytes.Length];

        await body.ReadExactlyAsync(received.AsMemory(0, 300_000));
        (await _proxy.TarballsAsync(_name)).ShouldHaveSingleItem().Digest.ShouldBeNull();
        gate.SetResult();
        await body.ReadExactlyAsync(received.AsMemory(300_000));

        received.ShouldBe(bytes);
        (await body.ReadAsync(new byte[1])).ShouldBe(0);
        answer.Headers.CacheControl!.ToString().ShouldContain("immutable");
    }

    [Fact]
    public async Task A_large_tarball_with_other_bytes_than_promised_never_ends_and_is_never_stored()
    {
        var bytes = _upstream.Add(_name, "1.0.0", RandomNumberGenerator.GetBytes(1_000_000));
        _upstream.Fault = Faults.OfTarballs(context => SendAsync(context, [.. bytes.AsSpan(0, 999_999), (byte)~bytes[^1]]));
        using var client = _proxy.Npm();
        using var answer = await client.GetAsync(new Uri(Path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);

        var (received, ended) = await ReadAsync(answer);

        ended.ShouldBeFalse();
        received.ShouldBeLessThan(bytes.Length);
        await Eventually.ShouldHoldAsync(async () => (await _proxy.TarballsAsync(_name))[0].Failure is not null, "its failure is noted");
        var row = (await _proxy.TarballsAsync(_name)).ShouldHaveSingleItem();
        (row.Digest, row.StoredAt, row.LeaseOwner).ShouldBe((null, null, null));
        row.Failure!.ShouldStartWith("BadTarball ");
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_left_behind_and_gets_all_bytes_in_the_end()
    {
        var bytes = _upstream.Add(_name, "1.0.0", RandomNumberGenerator.GetBytes(Large));
        using var client = _proxy.Npm();
        using var slow = await client.GetAsync(new Uri(Path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);

        using var other = await _proxy.GetAsync(Path);

        other.Headers.GetValues(InternalHeaders.Blob).Single().ShouldBe($"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}");
        SHA256.HashData(await slow.Content.ReadAsByteArrayAsync()).ShouldBe(SHA256.HashData(bytes));
        _upstream.CountOf(Path).ShouldBe(1);
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_does_not_end_the_download()
    {
        _upstream.Add(_name, "1.0.0", RandomNumberGenerator.GetBytes(Large));
        using (var client = _proxy.Npm())
        using (await client.GetAsync(new Uri(Path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead))
        {
            // It has seen the headers, and that was all it wanted.
        }

        await Eventually.ShouldHoldAsync(async () => (await _proxy.TarballsAsync(_name))[0].Digest is not null, "it is stored");
        using var other = await _proxy.GetAsync(Path);

        other.Headers.Contains(InternalHeaders.Blob).ShouldBeTrue();
        _upstream.CountOf(Path).ShouldBe(1);
    }

    [Theory]
    [InlineData("HEAD", null)]
    [InlineData("GET", "bytes=5-9")]
    public async Task Who_wants_no_bytes_or_some_of_them_is_answered_from_the_store(string method, string? range)
    {
        var bytes = _upstream.Add(_name, "1.0.0", RandomNumberGenerator.GetBytes(1_000_000));
        using var client = _proxy.Npm();
        using var request = new HttpRequestMessage(new HttpMethod(method), Path);
        request.Headers.TryAddWithoutValidation("Range", range);

        using var answer = await client.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var digest = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";
        (answer.Headers.GetValues(InternalHeaders.Blob).Single(), answer.Headers.ETag!.Tag).ShouldBe((digest, $"\"{digest}\""));
        (await answer.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_tarball_that_is_named_and_not_there_is_not_found_and_asked_for_again()
    {
        var bytes = _upstream.Add(_name, "1.0.0");
        _upstream.Fault = Faults.OfTarballs(Faults.Status(404));

        var failure = await _proxy.FailureAsync(Path);

        (failure.Status, failure.Code).ShouldBe((404, "tarball_not_found"));
        _upstream.Fault = null;
        using var answer = await _proxy.GetAsync(Path);
        (await answer.Content.ReadAsByteArrayAsync()).ShouldBe(bytes);
    }

    [Fact]
    public async Task A_version_that_the_packument_does_not_name_is_not_found_without_asking_for_its_tarball()
    {
        _upstream.Add(_name, "1.0.0");
        var path = Path.Replace("1.0.0", "9.9.9", StringComparison.Ordinal);

        (await _proxy.FailureAsync(path)).Code.ShouldBe("tarball_not_found");

        _upstream.CountOf(path).ShouldBe(0);
    }

    [Theory]
    [InlineData("sha1", true)]
    [InlineData("sha256", true)]
    [InlineData("shasum", true)]
    [InlineData("nothing", true)]
    [InlineData("unknown with shasum", true)]
    [InlineData("unknown", false)]
    [InlineData("wrong sha1", false)]
    [InlineData("wrong sha256", false)]
    [InlineData("wrong shasum", false)]
    [InlineData("unknown with wrong shasum", false)]
    public async Task A_tarball_has_to_be_what_the_packument_promises_in_any_form_it_does(string promise, bool isKept)
    {
        var bytes = _upstream.Add(_name, "1.0.0");
        _upstream.Edit = packument => Promise(packument["versions"]!["1.0.0"]!["dist"]!.AsObject(), promise, bytes);

        using var answer = await _proxy.GetAsync(Path);

        ((int)answer.StatusCode).ShouldBe(isKept ? 200 : 502);
        ((await _proxy.TarballsAsync(_name)).ShouldHaveSingleItem().Digest is not null).ShouldBe(isKept);
    }

    private static void Promise(JsonObject dist, string promise, byte[] bytes)
    {
        var of = promise.Contains("wrong", StringComparison.Ordinal) ? "other bytes"u8.ToArray() : bytes;
#pragma warning disable CA5350 // the protocol's legacy shasum
        var sha1 = SHA1.HashData(of);
#pragma warning restore CA5350
        dist.Remove("integrity");
        dist.Remove("shasum");
        if (promise.Contains("shasum", StringComparison.Ordinal))
        {
            dist["shasum"] = Convert.ToHexStringLower(sha1);
        }

        dist["integrity"] = promise switch
        {
            "sha1" or "wrong sha1" => $"sha1-{Convert.ToBase64String(sha1)}",
            "sha256" or "wrong sha256" => $"sha256-{Convert.ToBase64String(SHA256.HashData(of))}",
            "unknown" or "unknown with shasum" or "unknown with wrong shasum" => "md9-AAAA",
            _ => null,
        };
    }

    private static async Task<bool> SendAsync(HttpContext context, byte[] bytes)
    {
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes);
        return true;
    }

    private static async Task<(long Received, bool Ended)> ReadAsync(HttpResponseMessage answer)
    {
        var (buffer, received) = (new byte[64 * 1024], 0L);
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync();
            while (await body.ReadAsync(buffer) is var count and > 0)
            {
                received += count;
            }

            return (received, true);
        }
        catch (IOException)
        {
            return (received, false);
        }
    }
}
