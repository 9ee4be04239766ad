using System.Text.Json.Nodes;

using Registry.PackageService.Features.Publishing.Bodies;
using Registry.PackageService.Features.Publishing.Tarballs;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Tests.Publishing.Bodies;

public sealed class ManifestMergeTests
{
    [Fact]
    public void A_manifest_of_only_name_and_version_is_completed_from_the_tarball()
    {
        var merged = Merge(
            """{"name":"@s/a","version":"1.0.0"}""",
            """{"name":"@s/a","version":"1.0.0","description":"d","dependencies":{"b":"^1"},"bin":"./cli.js","custom":{"x":[1]},"_from":"here","readme":"r"}""");

        merged.ToJsonString().ShouldBe(
            """{"name":"@s/a","version":"1.0.0","_id":"@s/a@1.0.0","description":"d","custom":{"x":[1]},"dependencies":{"b":"^1"},"bin":{"a":"cli.js"},"_hasShrinkwrap":false}""");
    }

    [Fact]
    public void Unknown_members_are_kept_and_the_registrys_own_are_not_taken_from_the_publisher()
    {
        var merged = Merge(
            """{"name":"@s/a","version":"1.0.0","future":1,"_nodeVersion":"20","_npmVersion":"11","_npmUser":{"name":"x"},"_resolved":"r","_hasShrinkwrap":true,"dist":{"tarball":"http://http://x"},"readme":"r","readmeFilename":"f","integrity":"i","shasum":"s"}""",
            """{"name":"@s/a","version":"1.0.0"}""");

        merged.Select(member => member.Key).ShouldBe(["name", "version", "_id", "future", "_nodeVersion", "_npmVersion", "_hasShrinkwrap"]);
        merged["_hasShrinkwrap"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Theory]
    [InlineData("dependencies", """{"evil":"1"}""", """{"good":"1"}""", """{"good":"1"}""")]
    [InlineData("dependencies", """{}""", """{"hidden":"1"}""", """{"hidden":"1"}""")]
    [InlineData("dependencies", """{"evil":"1"}""", "null", "null")]
    [InlineData("dependencies", """{"b":"1","a":"2"}""", """{"a":" 2","b":"1 "}""", """{"b":"1","a":"2"}""")]
    [InlineData("optionalDependencies", """{"a":"1"}""", """{"a":"2"}""", """{"a":"2"}""")]
    [InlineData("peerDependenciesMeta", """{"a":{"optional":true}}""", """{"a":{"optional":false}}""", """{"a":{"optional":false}}""")]
    [InlineData("scripts", """{"test":"t"}""", """{"postinstall":"hidden","test":"t"}""", """{"postinstall":"hidden","test":"t"}""")]
    [InlineData("scripts", """{"postinstall":"evil"}""", """{"broken":5}""", "null")]
    [InlineData("os", "\"linux\"", """["linux"]""", "\"linux\"")]
    [InlineData("os", """["linux"]""", """["!win32"]""", """["!win32"]""")]
    [InlineData("engines", """{"node":">=20"}""", """{"node":">=18"}""", """{"node":">=18"}""")]
    [InlineData("bin", """{"a":"cli.js"}""", "\"./cli.js\"", """{"a":"cli.js"}""")]
    [InlineData("bin", """{"npm":"evil.js"}""", "\"./cli.js\"", """{"a":"cli.js"}""")]
    [InlineData("bin", """{"a":"cli.js"}""", """{"../../a":"../../cli.js"}""", """{"a":"cli.js"}""")]
    [InlineData("bundleDependencies", """["a"]""", """["b"]""", """["b"]""")]
    public void In_what_is_installed_the_tarball_wins(string member, string sent, string packed, string expected)
    {
        var merged = Merge(
            $$"""{"name":"@s/a","version":"1.0.0","{{member}}":{{sent}}}""",
            $$"""{"name":"@s/a","version":"1.0.0","{{member}}":{{packed}}}""");

        JsonNode.DeepEquals(merged[member], JsonNode.Parse(expected)).ShouldBeTrue($"{merged[member]?.ToJsonString()}");
    }

    [Fact]
    public void Bundled_dependencies_have_two_names_and_may_be_all()
    {
        var merged = Merge(
            """{"name":"@s/a","version":"1.0.0","dependencies":{"b":"1"},"bundleDependencies":["b"]}""",
            """{"name":"@s/a","version":"1.0.0","dependencies":{"b":"1"},"bundledDependencies":true}""");

        merged["bundleDependencies"]!.ToJsonString().ShouldBe("""["b"]""");
        merged.ContainsKey("bundledDependencies").ShouldBeFalse();
    }

    [Fact]
    public void Optional_dependencies_may_be_listed_twice()
    {
        const string Both = """{"name":"@s/a","version":"1.0.0","dependencies":{"b":"1","c":"1"},"optionalDependencies":{"c":"1"}}""";

        Merge(Both, """{"name":"@s/a","version":"1.0.0","dependencies":{"b":"1"},"optionalDependencies":{"c":"1"}}""")["dependencies"]!
            .ToJsonString().ShouldBe("""{"b":"1","c":"1"}""");
    }

    [Fact]
    public void What_npm_adds_for_files_in_the_tarball_is_accepted()
    {
        const string Packed = """{"name":"@s/a","version":"1.0.0","scripts":{"test":"t"}}""";
        var merged = Merge(
            """{"name":"@s/a","version":"1.0.0","gypfile":true,"scripts":{"test":"t","install":"node-gyp rebuild","start":"node server.js"}}""",
            Packed,
            contents => contents with { HasBindingGyp = true, HasServerJs = true });

        merged["scripts"]!.AsObject().Count.ShouldBe(3);
        Merge(Packed, Packed, contents => contents with { HasBindingGyp = true })["scripts"]!["install"]!.GetValue<string>().ShouldBe("node-gyp rebuild");
        Merge(Packed, Packed.Replace("\"scripts\"", "\"gypfile\":false,\"scripts\"", StringComparison.Ordinal), contents => contents with { HasBindingGyp = true })["scripts"]!["install"].ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"x":"bin/x.js"}""", """{"x":"bin/x.js"}""")]
    [InlineData("""{"x":"other/x.js"}""", "null")]
    public void The_commands_of_a_bin_folder_have_to_be_in_it(string sent, string expected)
    {
        var merged = Merge(
            $$"""{"name":"@s/a","version":"1.0.0","bin":{{sent}}}""",
            """{"name":"@s/a","version":"1.0.0","directories":{"bin":"./bin"}}""");

        (merged["bin"]?.ToJsonString() ?? "null").ShouldBe(expected);
    }

    private static JsonObject Merge(string sent, string packed, Func<TarballContents, TarballContents>? change = null)
    {
        var contents = new TarballContents(JsonNode.Parse(packed)!.AsObject()) { FileCount = 1, UnpackedSizeBytes = 1 };
        return ManifestMerge.Merge(
            JsonNode.Parse(sent)!.AsObject(), change?.Invoke(contents) ?? contents, PackageName.Parse("@s/a"), SemVersion.Parse("1.0.0"));
    }
}
