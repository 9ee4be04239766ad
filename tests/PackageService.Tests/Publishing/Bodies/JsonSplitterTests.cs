using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using Registry.PackageService.Features.Publishing.Bodies;

namespace Registry.PackageService.Tests.Publishing.Bodies;

public sealed class JsonSplitterTests
{
    private const int MaxDocumentBytes = 64 * 1024;
    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(3000);

    public static TheoryData<string, byte[]> Bodies => new()
    {
        { Npm(Convert.ToBase64String(Content)), Content },
        { Npm(Convert.ToBase64String(Content).Replace("/", "\\/", StringComparison.Ordinal)), Content },
        { Npm(Convert.ToBase64String(Content).Replace("+", "\\u002b", StringComparison.Ordinal).Replace("=", "\\u003D", StringComparison.Ordinal)), Content },
        { Npm(string.Concat(Convert.ToBase64String(Content).Select(character => $"\\u{(int)character:x4}"))), Content },
        { Npm(""), [] },
        { Npm("AA=="), [0] },
        { Npm("AAA="), [0, 0] },
        { """ { "x" : [ { "_attachments" : { "a.tgz" : { "data" : "no" } } }, 1.5e3 , null,"\"\\" ] , "\u005fattachments":{"a.t\u0067z":{"data":"AAAA","length":3}}, "e" : { } } """, [0, 0, 0] },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task However_the_body_is_cut_into_pieces_the_result_is_the_same(string body, byte[] content)
    {
        foreach (var cut in (Func<int>[])[() => 1, () => 2, () => 7, () => RandomNumberGenerator.GetInt32(1, 300), () => int.MaxValue])
        {
            var (tarball, document) = await SplitAsync(Encoding.UTF8.GetBytes(body), TarballPlace.Npm, cut);

            tarball.ShouldBe(content);
            var attachment = document["_attachments"]!["a.tgz"]!;
            attachment["data"]!.GetValue<string>().ShouldBe("");
            attachment["length"]!.GetValue<int>().ShouldBe(content.Length);
        }
    }

    [Theory]
    [InlineData("""{"_attachments":{"a.sigstore":{"data":"AAAA"}}}""")]
    [InlineData("""{"_attachments":{"a.tgz":{"data":5}}}""")]
    [InlineData("""{"_attachments":{"a.tgz":[{"data":"AAAA"}]}}""")]
    [InlineData("""{"_attachments":[{"a.tgz":{"data":"AAAA"}}]}""")]
    [InlineData("""{"x":{"_attachments":{"a.tgz":{"data":"AAAA"}}}}""")]
    [InlineData("{}")]
    public async Task What_is_not_a_tarball_stays_in_the_document(string body)
    {
        var (tarball, document) = await SplitAsync(Encoding.UTF8.GetBytes(body), TarballPlace.Npm, () => 3);

        tarball.ShouldBeEmpty();
        document.ToJsonString().ShouldBe(body);
    }

    [Theory]
    [InlineData("", "ends too early")]
    [InlineData("{", "ends too early")]
    [InlineData("""{"a":1""", "ends too early")]
    [InlineData("""{"_attachments":{"a.tgz":{"data":"AAAA""", "ends too early, inside _attachments.a.tgz.data")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("\"x\"", "must be a JSON object")]
    [InlineData("{} x", "after its end")]
    [InlineData("{}{}", "after its end")]
    [InlineData("""{"a":1,}""", "misplaced")]
    [InlineData("""{"a" 1}""", "misplaced")]
    [InlineData("""{"a":[1}""", "brackets do not match")]
    [InlineData("""{"a":tru}""", "not valid JSON")]
    [InlineData("""{"a":01}""", "not valid JSON")]
    [InlineData("""{"a":1"b"}""", "not valid JSON")]
    [InlineData("""{"a":"\x"}""", "not valid JSON")]
    [InlineData("""{"a":1,"a":2}""", "not valid JSON")]
    [InlineData("""{"a":"\ud800"}""", "Unicode")]
    [InlineData("""{"a":"b\u0000"}""", "\\u0000 in a")]
    [InlineData("""{"_attachments":{"a.tgz":{"data":"A"}}}""", "_attachments.a.tgz.data is not valid base64")]
    [InlineData("""{"_attachments":{"a.tgz":{"data":"AA"}}}""", "not valid base64")]
    [InlineData("""{"_attachments":{"a.tgz":{"data":"A==="}}}""", "not valid base64")]
    [InlineData("""{"_attachments":{"a.tgz":{"data":"AA==AA=="}}}""", "not valid base64")]
    [InlineData("""{"_attachments":{"a.tgz":{"data":"AA-_"}}}""", "not valid base64")]
    [InlineData("""{"_attachments":{"a.tgz":{"data":"AA AA="}}}""", "not valid base64")]
    [InlineData("""{"_attachments":{"a.tgz":{"data":"AAAA\n"}}}""", "not valid base64")]
    [InlineData("""{"_attachments":{"a.tgz":{"data":"AAA\u0141"}}}""", "not valid base64")]
    [InlineData("""{"_attachments":{"a.tgz":{"data":"AAAA","data":"AAAA"}}}""", "more than one tarball")]
    [InlineData("""{"_attachments":{"a.tgz":{"data":"AAAA"},"b.tgz":{"data":"AAAA"}}}""", "more than one tarball")]
    public async Task What_is_wrong_is_said(string body, string reason)
    {
        foreach (var cut in (Func<int>[])[() => 1, () => int.MaxValue])
        {
            var refused = await Should.ThrowAsync<BodyRefusedException>(() => SplitAsync(Encoding.UTF8.GetBytes(body), TarballPlace.Npm, cut));

            refused.Refusal.Status.ShouldBe(400);
            refused.Message.ShouldContain(reason);
        }
    }

    [Fact]
    public async Task Pantry_tarballs_may_have_line_ends_in_their_base64()
    {
        var (tarball, _) = await SplitAsync("""{"tarball":"AAAA\nAA A\tA\r\nAA==\n"}"""u8.ToArray(), TarballPlace.Pantry, () => 1);

        tarball.ShouldBe(new byte[7]);
    }

    [Fact]
    public async Task The_document_its_depth_and_its_values_are_limited()
    {
        var large = await Should.ThrowAsync<BodyRefusedException>(() => SplitTextAsync($$"""{"a":"{{new string('x', MaxDocumentBytes)}}"}"""));
        var deep = await Should.ThrowAsync<BodyRefusedException>(() => SplitTextAsync($$"""{"a":{{new string('[', 64)}}{{new string(']', 64)}}}"""));
        var splitter = new JsonSplitter(TarballPlace.Npm, int.MaxValue);
        var many = Should.Throw<BodyRefusedException>(
            () => splitter.Consume(Encoding.UTF8.GetBytes($$"""{"a":[{{string.Join(',', Enumerable.Repeat('1', 1_000_001))}}]}"""), [], out _));

        large.Refusal.Status.ShouldBe(413);
        deep.Message.ShouldContain("64 levels");
        many.Refusal.Status.ShouldBe(413);
    }

    private static string Npm(string base64)
    {
        var document = new JsonObject { ["name"] = "ü\"\\", ["_attachments"] = new JsonObject { ["a.sigstore"] = new JsonObject { ["data"] = "{}" } } };
        document["_attachments"]!["a.tgz"] = new JsonObject { ["data"] = "HERE", ["length"] = LengthOf(base64) };
        return document.ToJsonString().Replace("HERE", base64, StringComparison.Ordinal);
    }

    private static int LengthOf(string base64) =>
        JsonNode.Parse($"[\"{base64}\"]")![0]!.GetValue<string>() is var text ? Convert.FromBase64String(text).Length : 0;

    private static Task<(byte[] Tarball, JsonObject Document)> SplitTextAsync(string body) =>
        SplitAsync(Encoding.UTF8.GetBytes(body), TarballPlace.Npm, () => 4096);

    private static async Task<(byte[] Tarball, JsonObject Document)> SplitAsync(byte[] body, TarballPlace place, Func<int> cut)
    {
        await using var json = new JsonBody(new CutStream(new MemoryStream(body), cut), place, MaxDocumentBytes);
        using var tarball = new MemoryStream();
        if (await json.MoveToTarballAsync(TestContext.Current.CancellationToken))
        {
            var buffer = new byte[2 + Math.Min(4096, cut())];
            while (await json.ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var count)
            {
                await tarball.WriteAsync(buffer.AsMemory(0, count));
            }
        }

        return (tarball.ToArray(), await json.ReadDocumentAsync(TestContext.Current.CancellationToken));
    }
}
