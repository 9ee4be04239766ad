using System.Formats.Tar;
using System.Text;
using System.Text.Json.Nodes;

using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Features.Publishing.Tarballs;

namespace Registry.PackageService.Tests.Publishing.Tarballs;

public sealed class TarballInspectorTests
{
    private const string PackageJson = """{"name":"a","version":"1.0.0"}""";

    [Fact]
    public async Task The_files_are_counted_and_the_special_ones_noticed()
    {
        var contents = await AcceptAsync(Tarball.Of(
            JsonNode.Parse(PackageJson)!.AsObject(),
            ("README", "plain"),
            ("readme.MD", "# markdown"),
            ("lib/readme.md", "not this one"),
            ("binding.gyp", "{}"),
            ("server.js", ""),
            ("npm-shrinkwrap.json", "{}")));

        contents.PackageJson["name"]!.GetValue<string>().ShouldBe("a");
        contents.FileCount.ShouldBe(7);
        contents.UnpackedSizeBytes.ShouldBe(30 + 5 + 10 + 12 + 2 + 0 + 2);
        contents.Readme.ShouldBe("# markdown");
        contents.ReadmeFilename.ShouldBe("readme.MD");
        contents.HasBindingGyp.ShouldBeTrue();
        contents.HasServerJs.ShouldBeTrue();
        contents.HasShrinkwrap.ShouldBeTrue();
    }

    [Theory]
    [InlineData(TarEntryFormat.V7)]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Gnu)]
    [InlineData(TarEntryFormat.Pax)]
    public async Task Every_tar_format_is_read(TarEntryFormat format)
    {
        var longName = format is TarEntryFormat.V7 ? "package/b" : $"package/{new string('d', 90)}/{new string('f', 90)}";
        var contents = await AcceptAsync(Tarball.Written(
            tar =>
            {
                WriteFile(tar, format, "package/package.json", PackageJson);
                WriteFile(tar, format, longName, "x");
            },
            format));

        contents.FileCount.ShouldBe(2);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("package/../../etc/passwd")]
    [InlineData("../package/x")]
    [InlineData("package/..")]
    [InlineData("package/./x")]
    [InlineData("package//x")]
    [InlineData("package\\..\\x")]
    [InlineData("C:/x")]
    [InlineData("package/a\nb")]
    public async Task Paths_that_lead_elsewhere_are_refused(string path) =>
        (await RejectAsync(Tarball.Written(tar =>
        {
            Tarball.Add(tar, "package/package.json", PackageJson);
            Tarball.Add(tar, path, "x");
        }))).ShouldContain("unsafe path");

    [Theory]
    [InlineData("package/link", "../../etc")]
    [InlineData("package/link", "..")]
    [InlineData("package/link", "/etc")]
    [InlineData("package/link", "a/../../..")]
    [InlineData("package/a/link", "../..")]
    public async Task Links_that_lead_outside_are_refused(string path, string target) =>
        (await RejectAsync(WithLink(TarEntryType.SymbolicLink, path, target))).ShouldContain("unsafe link target");

    [Theory]
    [InlineData(TarEntryType.SymbolicLink, "package/a/link", "../b")]
    [InlineData(TarEntryType.SymbolicLink, "package/link", "a/b")]
    [InlineData(TarEntryType.HardLink, "package/link", "package/package.json")]
    public async Task Links_that_stay_inside_are_accepted(TarEntryType type, string path, string target) =>
        await AcceptAsync(WithLink(type, path, target));

    [Theory]
    [InlineData("../x")]
    [InlineData("other/x")]
    public async Task Hard_links_that_lead_outside_are_refused(string target) =>
        (await RejectAsync(WithLink(TarEntryType.HardLink, "package/link", target))).ShouldContain("unsafe");

    [Fact]
    public async Task Nothing_is_written_through_a_link() =>
        (await RejectAsync(Tarball.Written(tar =>
        {
            Tarball.Add(tar, "package/package.json", PackageJson);
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "package/link") { LinkName = "lib" });
            Tarball.Add(tar, "package/Link/x", "x");
        }))).ShouldContain("below a link");

    [Fact]
    public async Task Devices_are_refused() =>
        (await RejectAsync(Tarball.Written(tar =>
        {
            Tarball.Add(tar, "package/package.json", PackageJson);
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Fifo, "package/pipe"));
        }))).ShouldContain("device or pipe");

    [Fact]
    public async Task There_is_one_root_folder_of_any_name()
    {
        await AcceptAsync(Tarball.Written(tar => Tarball.Add(tar, "some-thing/package.json", PackageJson)));
        await AcceptAsync(Tarball.Written(tar => Tarball.Add(tar, "./package.json", PackageJson)));

        (await RejectAsync(Tarball.Written(tar => Tarball.Add(tar, "package.json", PackageJson)))).ShouldContain("not inside a root folder");
        (await RejectAsync(Tarball.Written(tar =>
        {
            Tarball.Add(tar, "a/package.json", PackageJson);
            Tarball.Add(tar, "b/x", "");
        }))).ShouldContain("more than one root folder");
    }

    [Theory]
    [InlineData("{", "not valid JSON")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("""{"name":"a\u0000"}""", "\\u0000")]
    [InlineData("""{"name":"\ud800"}""", "Unicode")]
    [InlineData("""{"n":1e999}""", "out of range")]
    public async Task A_package_json_that_cannot_be_kept_is_refused(string text, string reason) =>
        (await RejectAsync(Tarball.Written(tar => Tarball.Add(tar, "package/package.json", text)))).ShouldContain(reason);

    [Fact]
    public async Task A_package_json_written_by_hand_is_read_as_JavaScript_reads_it()
    {
        var contents = await AcceptAsync(Tarball.Written(tar => Tarball.Add(tar, "package/package.json", "\uFEFF{\"name\":\"b\",\"name\":\"a\"}\n")));

        contents.PackageJson["name"]!.GetValue<string>().ShouldBe("a");
    }

    [Fact]
    public async Task There_is_exactly_one_package_json()
    {
        (await RejectAsync(Tarball.Written(tar => Tarball.Add(tar, "package/x.js", "")))).ShouldContain("no package.json");
        (await RejectAsync(Tarball.Written(tar => Tarball.Add(tar, "package/lib/package.json", PackageJson)))).ShouldContain("no package.json");
        (await RejectAsync(Tarball.Written(tar =>
        {
            Tarball.Add(tar, "package/package.json", PackageJson);
            Tarball.Add(tar, "package/package.json", PackageJson);
        }))).ShouldContain("two files named package.json");
        (await RejectAsync(Tarball.Written(tar =>
        {
            Tarball.Add(tar, "package/package.json", PackageJson);
            Tarball.Add(tar, "package/Package.json", PackageJson);
        }))).ShouldContain("some systems take for package.json");
        (await RejectAsync(WithLink(TarEntryType.SymbolicLink, "package/package.json", "x"))).ShouldContain("link");
        (await RejectAsync(Tarball.Written(tar => Tarball.Add(tar, "package/package.json", new string(' ', 1024 * 1024) + PackageJson))))
            .ShouldContain("larger than");
    }

    [Fact]
    public async Task Entries_and_unpacked_bytes_are_limited()
    {
        var limits = new PublishingOptions { MaxEntries = 3, MaxUnpackedBytes = 1_000_000 };
        var many = Tarball.Of(JsonNode.Parse(PackageJson)!.AsObject(), ("a", ""), ("b", ""), ("c", ""));
        var large = Tarball.Of(JsonNode.Parse(PackageJson)!.AsObject(), ("a", new string('\0', 1_000_000)));

        (await RejectAsync(many, limits)).ShouldContain("more than 3 entries");
        (await RejectAsync(large, limits)).ShouldContain("unpacks to more than 1000000 bytes");
    }

    [Fact]
    public async Task An_extended_header_that_claims_to_be_huge_is_refused_before_memory_is_taken()
    {
        var tar = new byte[1024];
        WriteHeader(tar, "name", 'L', 2_000_000_000);

        (await RejectAsync(Tarball.Gzip(tar))).ShouldContain("extended header is larger");
    }

    [Fact]
    public async Task What_is_not_a_tarball_is_refused()
    {
        var good = Tarball.Of("a", "1.0.0");
        var plain = Tarball.Gunzip(good);
        var damaged = (byte[])plain.Clone();
        damaged[0] ^= 1;

        (await RejectAsync("plain text"u8.ToArray())).ShouldNotBeEmpty();
        (await RejectAsync([])).ShouldNotBeEmpty();
        (await RejectAsync(plain)).ShouldNotBeEmpty();
        (await RejectAsync(Tarball.Gzip("not a tar file"u8.ToArray()))).ShouldContain("ends in the middle");
        (await RejectAsync(Tarball.Gzip(new byte[10240]))).ShouldContain("no package.json");
        (await RejectAsync(Tarball.Gzip(damaged))).ShouldContain("checksum");
        (await RejectAsync(Tarball.Gzip([.. plain, .. "more"u8]))).ShouldContain("continues after its end");
    }

    [Fact]
    public async Task A_tarball_cut_off_anywhere_is_refused()
    {
        var good = Tarball.Of(JsonNode.Parse(PackageJson)!.AsObject(), ("random", Convert.ToBase64String(Guid.CreateVersion7().ToByteArray())));

        for (var length = 0; length < good.Length - 8; length++)
        {
            await RejectAsync(good[..length]);
        }
    }

    [Fact]
    public async Task Gzip_in_several_members_and_zeros_at_the_end_are_accepted()
    {
        var plain = Tarball.Gunzip(Tarball.Of("a", "1.0.0"));

        await AcceptAsync([.. Tarball.Gzip(plain[..700]), .. Tarball.Gzip(plain[700..])]);
        await AcceptAsync(Tarball.Gzip([.. plain, .. new byte[10240]]));
    }

    [Fact]
    public async Task Random_damage_never_ends_in_anything_but_an_outcome()
    {
        var plain = Tarball.Gunzip(Tarball.Of(JsonNode.Parse(PackageJson)!.AsObject(), (new string('x', 150), "text")));
        for (var i = 0; i < plain.Length; i += 3)
        {
            foreach (var value in (byte[])[0, 0x20, 0x80, 0xff])
            {
                var damaged = (byte[])plain.Clone();
                damaged[i] = value;
                FixChecksum(damaged, i / 512 * 512);
                await InspectAsync(Tarball.Gzip(damaged), new PublishingOptions());
            }
        }
    }

    private static byte[] WithLink(TarEntryType type, string path, string target) =>
        Tarball.Written(tar =>
        {
            if (path != "package/package.json")
            {
                Tarball.Add(tar, "package/package.json", PackageJson);
            }

            tar.WriteEntry(new PaxTarEntry(type, path) { LinkName = target });
        });

    private static void WriteFile(TarWriter tar, TarEntryFormat format, string path, string text)
    {
        TarEntry entry = format switch
        {
            TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, path),
            TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, path),
            TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, path),
            _ => new PaxTarEntry(TarEntryType.RegularFile, path),
        };
        entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        tar.WriteEntry(entry);
    }

    private static void WriteHeader(byte[] tar, string name, char type, long size)
    {
        Encoding.ASCII.GetBytes(name).CopyTo(tar, 0);
        Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0')).CopyTo(tar, 124);
        tar[156] = (byte)type;
        FixChecksum(tar, 0);
    }

    private static void FixChecksum(byte[] tar, int header)
    {
        tar.AsSpan(header + 148, 8).Fill((byte)' ');
        var sum = tar.AsSpan(header, 512).ToArray().Sum(value => value);
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0").CopyTo(tar, header + 148);
    }

    private static Task<InspectionOutcome> InspectAsync(byte[] tarball, PublishingOptions limits) =>
        new TarballInspector(limits).InspectAsync(new MemoryStream(tarball), TestContext.Current.CancellationToken);

    private static async Task<TarballContents> AcceptAsync(byte[] tarball) =>
        (await InspectAsync(tarball, new PublishingOptions())).ShouldBeOfType<InspectionOutcome.Accepted>().Contents;

    private static async Task<string> RejectAsync(byte[] tarball, PublishingOptions? limits = null) =>
        (await InspectAsync(tarball, limits ?? new PublishingOptions())).ShouldBeOfType<InspectionOutcome.Rejected>().Refusal.Message;
}
