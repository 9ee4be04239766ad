using System.Formats.Tar;
using System.Text;

using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Features.Publishing.Tarballs;

namespace Registry.PackageService.Tests.Publishing.Tarballs;

/// <summary>
/// Headers that npm's reader passes over, taking what follows for the next header: a file whose content is such a header
/// would unpack as something that was never inspected.
/// </summary>
public sealed class HiddenHeaderTests
{
    private const int SecondHeader = 1024; // after package.json's header and its one block of content

    [Fact]
    public Task The_tarball_is_accepted_as_it_was_written() => ShouldBeAsync<InspectionOutcome.Accepted>(_ => { });

    [Fact]
    public Task A_file_that_names_a_link_target_is_refused() =>
        ShouldBeAsync<InspectionOutcome.Rejected>(header => "a"u8.CopyTo(header[157..]));

    [Fact]
    public Task A_size_behind_a_NUL_is_refused() =>
        ShouldBeAsync<InspectionOutcome.Rejected>(header => header[124] = 0);

    [Fact]
    public async Task A_checksum_of_signed_bytes_is_refused()
    {
        var tar = Written();
        tar[SecondHeader + 90] = 0xE9; // behind the NUL that ends the name: counts 233, or -23 where bytes are signed
        WriteChecksum(tar, SecondHeader, signed: true);

        (await InspectAsync(tar)).ShouldBeOfType<InspectionOutcome.Rejected>();
    }

    [Fact]
    public async Task A_checksum_without_an_end_is_refused()
    {
        var tar = Written();
        var sum = Sum(tar, SecondHeader, signed: false);
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(8, '0')).CopyTo(tar, SecondHeader + 148);

        (await InspectAsync(tar)).ShouldBeOfType<InspectionOutcome.Rejected>();
    }

    private static async Task ShouldBeAsync<TOutcome>(ActionOnSpan edit)
        where TOutcome : InspectionOutcome
    {
        var tar = Written();
        edit(tar.AsSpan(SecondHeader, 512));
        WriteChecksum(tar, SecondHeader, signed: false);

        (await InspectAsync(tar)).ShouldBeOfType<TOutcome>();
    }

    private static byte[] Written() => Tarball.Gunzip(Tarball.Written(
        tar =>
        {
            foreach (var (path, text) in ((string, string)[])[("package/package.json", """{"name":"a","version":"1.0.0"}"""), ("package/x.bin", "x")])
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
            }
        },
        TarEntryFormat.Ustar));

    private static void WriteChecksum(byte[] tar, int header, bool signed) =>
        Encoding.ASCII.GetBytes(Convert.ToString(Sum(tar, header, signed), 8).PadLeft(6, '0') + "\0 ").CopyTo(tar, header + 148);

    private static int Sum(byte[] tar, int header, bool signed) =>
        Enumerable.Range(0, 512).Sum(at => at is >= 148 and < 156 ? ' ' : signed ? (sbyte)tar[header + at] : tar[header + at]);

    private static Task<InspectionOutcome> InspectAsync(byte[] tar) =>
        new TarballInspector(new PublishingOptions()).InspectAsync(new MemoryStream(Tarball.Gzip(tar)), TestContext.Current.CancellationToken);

    private delegate void ActionOnSpan(Span<byte> header);
}
