using System.Text;
using System.Text.Json.Nodes;

using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Tests.Publishing.Tarballs;

namespace Registry.PackageService.Tests.Publishing.Bodies;

public sealed class NpmBodyTests(PublishBodies bodies) : IClassFixture<PublishBodies>
{
    private const string Name = "@scope/pkg";
    private static readonly byte[] Package = Tarball.Of(Name, "1.0.0");

    [Fact]
    public async Task A_publish_document_becomes_a_command_and_its_tarball_a_blob()
    {
        var tarball = Tarball.Of(
            new JsonObject { ["name"] = Name, ["version"] = "1.2.3-beta.1", ["dependencies"] = new JsonObject { ["a"] = "1" } }, ("README.md", "# Read me"));
        var document = PublishBodies.NpmDocument(Name, "1.2.3-beta.1", tarball);
        document["dist-tags"] = new JsonObject { ["beta"] = "1.2.3-beta.1" };
        document["access"] = "restricted";

        var command = (await bodies.ReadNpmAsync(document, Name)).ShouldBeOfType<ReadOutcome.Read>().Command;

        command.Name.Value.ShouldBe(Name);
        command.Version.Value.ShouldBe("1.2.3-beta.1");
        command.Tag.Value.ShouldBe("beta");
        command.Access.ShouldBe(RequestedAccess.Restricted);
        command.Readme.ShouldBe("# Read me");
        command.ReadmeFilename.ShouldBe("README.md");
        command.Manifest["dependencies"]!["a"]!.GetValue<string>().ShouldBe("1");
        command.Manifest.ContainsKey("dist").ShouldBeFalse();
        command.Tarball.SizeBytes.ShouldBe(tarball.Length);
        command.Tarball.FileCount.ShouldBe(2);
        command.Tarball.Shasum.ShouldBe(PublishBodies.Shasum(tarball));
        (await bodies.DownloadAsync(command.Tarball.Digest)).ShouldBe(tarball);
    }

    [Fact]
    public async Task Members_may_come_in_any_order()
    {
        var document = PublishBodies.NpmDocument(Name, "1.0.0", Package);
        var reversed = new JsonObject(document.Reverse().Select(member => new KeyValuePair<string, JsonNode?>(member.Key, member.Value?.DeepClone())));

        (await bodies.ReadNpmAsync(reversed, Name)).ShouldBeOfType<ReadOutcome.Read>();
    }

    [Fact]
    public async Task The_readme_is_found_where_each_client_puts_it_and_cut_at_64_KiB()
    {
        var beside = PublishBodies.NpmDocument(Name, "1.0.0", Package);
        beside["readme"] = new string('ü', 40_000);
        beside["versions"]!["1.0.0"]!["readme"] = "ERROR: No README data found!";
        var inside = PublishBodies.NpmDocument(Name, "1.0.0", Package);
        inside["versions"]!["1.0.0"]!["readme"] = "inside\0";

        (await bodies.ReadNpmAsync(beside, Name)).ShouldBeOfType<ReadOutcome.Read>().Command.Readme.ShouldBe(new string('ü', 32 * 1024 - 1));
        var command = (await bodies.ReadNpmAsync(inside, Name)).ShouldBeOfType<ReadOutcome.Read>().Command;
        command.Readme.ShouldBe("inside\uFFFD");
        command.Manifest.ContainsKey("readme").ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"_id":"@scope/pkg","_rev":"1-0","users":{"me":true}}""")]
    [InlineData("""{"_id":"@scope/pkg","name":"@scope/pkg","versions":{"1.0.0":{"deprecated":"old"}},"_attachments":{}}""")]
    public async Task A_document_without_a_tarball_is_for_others_to_understand(string text)
    {
        var outcome = await bodies.ReadNpmAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), Name);

        outcome.ShouldBeOfType<ReadOutcome.NotAPublish>().Document.ToJsonString().ShouldBe(text);
    }

    public static TheoryData<string, string, string, Action<JsonObject>> Mistakes => new()
    {
        { "name", "name_mismatch", "the document's name is other", d => d["name"] = "other" },
        { "no name", "name_mismatch", "no name", d => d.Remove("name") },
        { "name of another type", "invalid_document", "name must be text", d => d["name"] = 5 },
        { "id", "name_mismatch", "the document's _id is other", d => d["_id"] = "other" },
        { "manifest name", "name_mismatch", "versions.1.0.0 is other", d => d["versions"]!["1.0.0"]!["name"] = "other" },
        { "no versions", "invalid_version", "exactly one version", d => d.Remove("versions") },
        { "two others", "invalid_version", "exactly one version", d => d["versions"] = new JsonObject { ["2.0.0"] = null, ["3.0.0"] = null } },
        { "versions of another type", "invalid_version", "exactly one version", d => d["versions"] = new JsonArray() },
        { "not semver", "invalid_version", "v1.0.0 is not a valid semantic version", d => d["versions"] = new JsonObject { ["v1.0.0"] = new JsonObject() } },
        { "manifest of another type", "invalid_document", "must be an object", d => d["versions"]!["1.0.0"] = "x" },
        { "manifest version", "version_mismatch", "has the version 1.0.1", d => d["versions"]!["1.0.0"]!["version"] = "1.0.1" },
        { "length", "length_mismatch", "not the length stated", d => d["_attachments"]!["@scope/pkg-1.0.0.tgz"]!["length"] = 5 },
        { "length of another type", "length_mismatch", "not the length stated", d => d["_attachments"]!["@scope/pkg-1.0.0.tgz"]!["length"] = "5" },
        { "data of another type", "invalid_document", "base64 text", d => d["_attachments"]!["@scope/pkg-1.0.0.tgz"]!["data"] = 5 },
        { "two tarballs", "second_tarball", "more than one tarball", d => d["_attachments"]!["b.tgz"] = new JsonObject { ["data"] = "" } },
        { "two tarballs, one without data", "second_tarball", "more than one tarball", d => d["_attachments"]!["b.tgz"] = 1 },
        { "integrity", "integrity_mismatch", "does not match its dist.integrity", d => d["versions"]!["1.0.0"]!["dist"]!["integrity"] = $"sha512-{new string('A', 86)}==" },
        { "unreadable integrity", "integrity_mismatch", "cannot be read", d => d["versions"]!["1.0.0"]!["dist"]!["integrity"] = "x" },
        { "shasum", "integrity_mismatch", "does not match its dist.shasum", d => d["versions"]!["1.0.0"]!["dist"]!["shasum"] = new string('0', 40) },
        { "two tags", "invalid_tag", "one tag", d => d["dist-tags"]!["next"] = "1.0.0" },
        { "tag like a range", "invalid_tag", "1.x is not a valid dist-tag", d => d["dist-tags"] = new JsonObject { ["1.x"] = "1.0.0" } },
        { "tag of another version", "invalid_tag", "must name the version", d => d["dist-tags"]!["latest"] = "2.0.0" },
        { "access", "invalid_access", "public or restricted", d => d["access"] = "secret" },
        { "NUL", "invalid_text", "\\u0000 in description", d => d["versions"]!["1.0.0"]!["description"] = "a\0b" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_wrong_document_is_refused_and_nothing_is_stored(string what, string code, string reason, Action<JsonObject> mistake)
    {
        var tarball = Tarball.Of(new JsonObject { ["name"] = Name, ["version"] = "1.0.0", ["for"] = what });
        var document = PublishBodies.NpmDocument(Name, "1.0.0", tarball);
        mistake(document);
        var before = await bodies.CountAsync();

        var refused = (await bodies.ReadNpmAsync(document, Name)).ShouldBeOfType<ReadOutcome.Refused>();

        refused.Status.ShouldBe(400);
        refused.Code.ShouldBe(code);
        refused.Message.ShouldContain(reason);
        await bodies.ShouldHoldAsync(before);
    }

    [Theory]
    [InlineData("@scope/other", "1.0.0", "@scope/other@1.0.0, but is published as @scope/pkg@1.0.0")]
    [InlineData(Name, "1.0.1", "@scope/pkg@1.0.1, but is published as @scope/pkg@1.0.0")]
    public async Task A_tarball_of_another_package_is_refused(string name, string version, string reason)
    {
        var refused = (await bodies.ReadNpmAsync(PublishBodies.NpmDocument(Name, "1.0.0", Tarball.Of(name, version)), Name)).ShouldBeOfType<ReadOutcome.Refused>();

        refused.Code.ShouldBe("manifest_mismatch");
        refused.Message.ShouldContain(reason);
    }

    [Fact]
    public async Task What_npm_makes_of_a_loosely_written_version_is_the_same_version() =>
        (await bodies.ReadNpmAsync(PublishBodies.NpmDocument(Name, "1.0.0", Tarball.Of(Name, " v1.0.0+build")), Name)).ShouldBeOfType<ReadOutcome.Read>();

    [Fact]
    public async Task Unscoped_packages_cannot_be_restricted()
    {
        var document = PublishBodies.NpmDocument("plain", "1.0.0", Tarball.Of("plain", "1.0.0"));
        document["access"] = "restricted";

        (await bodies.ReadNpmAsync(document, "plain")).ShouldBeOfType<ReadOutcome.Refused>().Code.ShouldBe("access_needs_scope");
    }

    [Fact]
    public async Task A_readme_is_cut_at_64_KiB_without_splitting_a_character()
    {
        var readme = "x" + new string('é', 40_000);
        var document = PublishBodies.NpmDocument(Name, "1.0.0", Package);
        document["readme"] = readme;

        var kept = (await bodies.ReadNpmAsync(document, Name)).ShouldBeOfType<ReadOutcome.Read>().Command.Readme!;

        System.Text.Encoding.UTF8.GetByteCount(kept).ShouldBe((64 * 1024) - 1);
        readme.ShouldStartWith(kept);
    }

    [Fact]
    public async Task A_tarball_that_is_not_gzip_is_refused_after_the_document_was_found_in_order()
    {
        var document = PublishBodies.NpmDocument(Name, "1.0.0", "plain text"u8.ToArray());
        (await bodies.ReadNpmAsync(document, Name)).ShouldBeOfType<ReadOutcome.Refused>().Message.ShouldBe("The tarball is not gzip-compressed");

        document["_id"] = "other";
        (await bodies.ReadNpmAsync(document, Name)).ShouldBeOfType<ReadOutcome.Refused>().Code.ShouldBe("name_mismatch");
    }

    [Fact]
    public async Task Tarballs_and_documents_over_their_limit_are_refused()
    {
        var document = PublishBodies.NpmDocument(Name, "1.0.0", Package);
        document["description"] = new string('x', 2000);
        var before = await bodies.CountAsync();

        var large = (await bodies.ReadNpmAsync(document, Name, new PublishingOptions { MaxTarballBytes = Package.Length - 1 })).ShouldBeOfType<ReadOutcome.Refused>();
        var long_ = (await bodies.ReadNpmAsync(document, Name, new PublishingOptions { MaxDocumentBytes = 2000 })).ShouldBeOfType<ReadOutcome.Refused>();

        (large.Status, large.Code).ShouldBe((413, "tarball_too_large"));
        (long_.Status, long_.Code).ShouldBe((413, "body_too_large"));
        await bodies.ShouldHoldAsync(before);
    }

    [Fact]
    public async Task A_body_cut_off_anywhere_is_refused_and_nothing_is_stored()
    {
        var tarball = Tarball.Of(new JsonObject { ["name"] = Name, ["version"] = "1.0.0", ["for"] = "cut" });
        var body = Encoding.UTF8.GetBytes(PublishBodies.NpmDocument(Name, "1.0.0", tarball).ToJsonString());
        var before = await bodies.CountAsync();

        for (var length = 0; length < body.Length; length += 11)
        {
            var outcome = await bodies.ReadNpmAsync(new MemoryStream(body, 0, length), Name);
            outcome.ShouldBeOfType<ReadOutcome.Refused>().Status.ShouldBe(400, $"at {length}");
        }

        await bodies.ShouldHoldAsync(before);
    }

    [Fact]
    public async Task Memory_does_not_grow_with_the_tarball()
    {
        const long Size = 400L * 1024 * 1024;
        await using var body = new LargeNpmBody(Name, "4.0.0", Size);
        GC.Collect();
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        var (before, allocated) = (process.WorkingSet64, GC.GetTotalAllocatedBytes());

        var command = (await bodies.ReadNpmAsync(body, Name)).ShouldBeOfType<ReadOutcome.Read>().Command;

        process.Refresh();
        command.Tarball.SizeBytes.ShouldBeGreaterThan(Size);

        // Whoever kept the body would take all of it; half leaves room for the tests beside this one.
        (process.WorkingSet64 - before).ShouldBeLessThan(Size / 2, $"allocated {GC.GetTotalAllocatedBytes() - allocated}");
    }
}
