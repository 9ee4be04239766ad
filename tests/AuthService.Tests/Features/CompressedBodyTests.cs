using System.IO.Compression;
using System.Net;
using System.Text.Json;

using Registry.AuthService.Tests.Hosting;

namespace Registry.AuthService.Tests.Features;

/// <summary>Bodies that were sent as gzip (npm protocol 1.3).</summary>
public sealed class CompressedBodyTests(OpenRegistry registry) : IClassFixture<OpenRegistry>
{
    private readonly AuthHost _host = registry.Host;

    [Fact]
    public async Task A_log_in_may_be_gzip_and_is_bounded_as_it_inflates()
    {
        var name = AuthHost.NewName();
        var path = $"/-/user/org.couchdb.user:{name}";

        using var response = await _host.SendAsync(HttpMethod.Put, path, Gzip(JsonSerializer.SerializeToUtf8Bytes(AuthHost.UserDocument(name, AuthHost.Password))));
        using var bomb = await _host.SendAsync(HttpMethod.Put, path, Gzip([.. "{\"name\":\""u8, .. Enumerable.Repeat((byte)'x', 1_000_000), .. "\"}"u8]));

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        bomb.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await AuthHost.SentenceOf(bomb)).ShouldNotBeNullOrWhiteSpace();
    }

    [Theory]
    [InlineData("gzip", HttpStatusCode.BadRequest)]
    [InlineData("br", HttpStatusCode.UnsupportedMediaType)]
    public async Task A_body_that_is_not_what_its_encoding_says_is_refused(string encoding, HttpStatusCode status)
    {
        var plain = new ByteArrayContent("{}"u8.ToArray());
        plain.Headers.ContentEncoding.Add(encoding);

        using var response = await _host.SendAsync(HttpMethod.Put, $"/-/user/org.couchdb.user:{AuthHost.NewName()}", plain);

        response.StatusCode.ShouldBe(status);
        (await AuthHost.SentenceOf(response)).ShouldContain("gzip");
    }

    private static ByteArrayContent Gzip(byte[] body)
    {
        using var sent = new MemoryStream();
        using (var gzip = new GZipStream(sent, CompressionMode.Compress))
        {
            gzip.Write(body);
        }

        var content = new ByteArrayContent(sent.ToArray());
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }
}
