using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Tests.Publishing.Tarballs;

namespace Registry.PackageService.Tests.Publishing.Bodies;

public sealed class PantryBodyTests(PublishBodies bodies) : IClassFixture<PublishBodies>
{
    private const string Metadata = """{"name":"my-package","version":"1.0.0"}""";
    private static readonly byte[] Package = Tarball.Of(
        new JsonObject { ["name"] = "my-package", ["version"] = "1.0.0", ["license"] = "MIT", ["dependencies"] = new JsonObject { ["a"] = "1" } });

    [Theory]
    [InlineData("metadata", "tarball")]
    [InlineData("tarball", "metadata")]
    [InlineData("other", "tarball", "other", "metadata", "other")]
    public async Task Parts_may_come_in_any_order(params string[] names)
    {
        var outcome = await SendAsync([.. names.Select(name => (name, ContentOf(name)))]);

        var command = outcome.ShouldBeOfType<ReadOutcome.Read>().Command;
        command.Name.Value.ShouldBe("my-package");
        command.Tag.Value.ShouldBe("latest");
        command.Access.ShouldBe(RequestedAccess.Default);
        command.Manifest.ToJsonString().ShouldBe(
            """{"name":"my-package","version":"1.0.0","_id":"my-package@1.0.0","license":"MIT","dependencies":{"a":"1"},"_hasShrinkwrap":false}""");
        (await bodies.DownloadAsync(command.Tarball.Digest)).ShouldBe(Package);
    }

    [Theory]
    [InlineData("missing_tarball", "metadata")]
    [InlineData("missing_metadata", "tarball")]
    [InlineData("missing_tarball", "other")]
    [InlineData("invalid_multipart", "tarball", "metadata", "tarball")]
    [InlineData("invalid_multipart", "metadata", "metadata", "tarball")]
    public async Task Missing_and_repeated_parts_are_refused(string code, params string[] names)
    {
        var refused = (await SendAsync([.. names.Select(name => (name, ContentOf(name)))])).ShouldBeOfType<ReadOutcome.Refused>();

        (refused.Status, refused.Code).ShouldBe((400, code));
    }

    [Fact]
    public async Task Parts_are_limited_in_number_and_size()
    {
        var many = await SendAsync([.. Enumerable.Range(0, 40).Select(_ => ("other", "x"u8.ToArray()))]);
        var largeMetadata = await SendAsync([("metadata", new byte[1024 * 1024 + 1])]);
        var largeOther = await SendAsync([("other", new byte[600_000]), ("other", new byte[600_000])]);

        many.ShouldBeOfType<ReadOutcome.Refused>().Status.ShouldBe(400);
        largeMetadata.ShouldBeOfType<ReadOutcome.Refused>().Status.ShouldBe(413);
        largeOther.ShouldBeOfType<ReadOutcome.Refused>().Status.ShouldBe(413);
    }

    [Fact]
    public async Task A_multipart_body_cut_off_anywhere_is_refused_and_nothing_is_stored()
    {
        var tarball = Tarball.Of(new JsonObject { ["name"] = "my-package", ["version"] = "1.0.0", ["for"] = "cut" });
        var (body, type) = await ComposeAsync([("tarball", tarball), ("metadata", Encoding.UTF8.GetBytes(Metadata))]);
        var before = await bodies.CountAsync();

        // Without the line end after the last boundary it is still whole.
        for (var length = 0; length < body.Length - 2; length += 9)
        {
            var outcome = await bodies.ReadPantryAsync(new MemoryStream(body, 0, length), type);
            outcome.ShouldBeOfType<ReadOutcome.Refused>().Status.ShouldBe(400, $"at {length}");
        }

        await bodies.ShouldHoldAsync(before);
    }

    [Theory]
    [InlineData("""{"metadata":META,"tarball":"TGZ"}""")]
    [InlineData("""{"tarball":"TGZ","extra":[1],"metadata":META}""")]
    public async Task A_JSON_body_may_have_its_members_in_any_order(string template)
    {
        var body = template.Replace("META", Metadata, StringComparison.Ordinal).Replace("TGZ", Convert.ToBase64String(Package), StringComparison.Ordinal);

        var command = (await SendJsonAsync(body)).ShouldBeOfType<ReadOutcome.Read>().Command;

        command.Manifest["license"]!.GetValue<string>().ShouldBe("MIT");
        (await bodies.DownloadAsync(command.Tarball.Digest)).ShouldBe(Package);
    }

    [Theory]
    [InlineData("""{"metadata":{}}""", "missing_tarball")]
    [InlineData("""{"tarball":"AAAA"}""", "missing_metadata")]
    [InlineData("""{"tarball":"AAAA","metadata":"text"}""", "missing_metadata")]
    [InlineData("""{"tarball":"A","metadata":{}}""", "invalid_base64")]
    [InlineData("""{"tarball":5,"metadata":{}}""", "missing_tarball")]
    [InlineData("nonsense", "invalid_json")]
    public async Task A_wrong_JSON_body_is_refused(string body, string code)
    {
        var refused = (await SendJsonAsync(body)).ShouldBeOfType<ReadOutcome.Refused>();

        (refused.Status, refused.Code).ShouldBe((400, code));
    }

    [Theory]
    [InlineData("name", "\"../x\"", "invalid_name")]
    [InlineData("name", "null", "invalid_name")]
    [InlineData("version", "\"1.0\"", "invalid_version")]
    [InlineData("version", "\"1.0.0-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", "invalid_version")]
    [InlineData("description", "5", "invalid_document")]
    [InlineData("keywords", "[1]", "invalid_metadata")]
    [InlineData("keywords", "\"a\"", "invalid_metadata")]
    [InlineData("keywords", "[\"012345678901234567890123456789012345678901234567890\"]", "invalid_metadata")]
    public async Task Metadata_over_its_limits_is_refused(string member, string value, string code)
    {
        var metadata = JsonNode.Parse(Metadata)!.AsObject();
        metadata[member] = JsonNode.Parse(value);

        (await SendMetadataAsync(metadata)).ShouldBeOfType<ReadOutcome.Refused>().Code.ShouldBe(code);
    }

    [Fact]
    public async Task Long_texts_are_refused()
    {
        foreach (var (member, longest) in new[] { ("description", 2000), ("homepage", 512) })
        {
            var metadata = JsonNode.Parse(Metadata)!.AsObject();
            metadata[member] = new string('x', longest);
            (await SendMetadataAsync(metadata)).ShouldBeOfType<ReadOutcome.Read>();

            metadata[member] = new string('x', longest + 1);
            (await SendMetadataAsync(metadata)).ShouldBeOfType<ReadOutcome.Refused>().Code.ShouldBe("invalid_metadata");
        }
    }

    [Theory]
    [InlineData("text/plain", 415)]
    [InlineData("", 415)]
    [InlineData("nonsense", 415)]
    [InlineData("multipart/form-data", 400)]
    public async Task Other_content_types_are_refused(string contentType, int status)
    {
        var refused = (await bodies.ReadPantryAsync(new MemoryStream(), contentType)).ShouldBeOfType<ReadOutcome.Refused>();

        refused.Status.ShouldBe(status);
        if (status == 415)
        {
            refused.Message.ShouldBe("Unsupported content type");
        }
    }

    private static byte[] ContentOf(string name) =>
        name switch
        {
            "metadata" => Encoding.UTF8.GetBytes(Metadata),
            "tarball" => Package,
            _ => "something else"u8.ToArray(),
        };

    private Task<ReadOutcome> SendMetadataAsync(JsonObject metadata) =>
        SendAsync([("metadata", Encoding.UTF8.GetBytes(metadata.ToJsonString())), ("tarball", Package)]);

    private Task<ReadOutcome> SendJsonAsync(string body) =>
        bodies.ReadPantryAsync(new MemoryStream(Encoding.UTF8.GetBytes(body)), "application/json; charset=utf-8");

    private async Task<ReadOutcome> SendAsync((string Name, byte[] Content)[] parts)
    {
        var (body, type) = await ComposeAsync(parts);
        return await bodies.ReadPantryAsync(new MemoryStream(body), type);
    }

    private static async Task<(byte[] Body, string ContentType)> ComposeAsync((string Name, byte[] Content)[] parts)
    {
        using var content = new MultipartFormDataContent();
        foreach (var (name, bytes) in parts)
        {
            var part = new ByteArrayContent(bytes);
            part.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            if (name == "tarball")
            {
                content.Add(part, name, "my-package-1.0.0.tgz");
            }
            else
            {
                content.Add(part, name);
            }
        }

        return (await content.ReadAsByteArrayAsync(), content.Headers.ContentType!.ToString());
    }
}
