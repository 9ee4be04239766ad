using Registry.StorageService.Blobs;
using Registry.StorageService.Blobs.S3;
using Registry.StorageService.Features.Copying;
using Registry.StorageService.Tests.Blobs;
using Registry.StorageService.Tests.Blobs.S3;

namespace Registry.StorageService.Tests.Features;

/// <summary>All blobs of one store into another.</summary>
public sealed class CopyingTests : S3TestBase
{
    private readonly StoreFolder _source = new();
    private readonly StoreFolder _target = new();

    private string S3 => $"s3:{Bucket.ConnectionString}";

    [Fact]
    public async Task Blobs_come_from_disk_to_S3_and_back()
    {
        var contents = await FillAsync(30);

        var there = await CopyAsync(Disk(_source), S3);
        var again = await CopyAsync(Disk(_source), S3);
        var back = await CopyAsync(S3, Disk(_target));

        (there.Copied, there.Skipped, there.Failed, there.CopiedBytes).ShouldBe((30, 0, 0, contents.Sum(content => (long)content.Length)));
        (again.Copied, again.Skipped, again.Failed).ShouldBe((0, 30, 0));
        (back.Copied, back.Failed).ShouldBe((30, 0));
        foreach (var content in contents)
        {
            (await File.ReadAllBytesAsync(_target.PathOf(Bytes.KeyOf(content)))).ShouldBe(content);
        }
    }

    [Fact]
    public async Task An_interrupted_copy_goes_on_where_it_stopped()
    {
        await FillAsync(30);
        using var interruption = new CancellationTokenSource();

        await Should.ThrowAsync<OperationCanceledException>(() => StorageServiceApp.CopyBlobsAsync(
            (Disk(_source), S3), null, verify: false, progress => StopAt(progress, 10), interruption.Token));
        var kept = (await ListAsync(Bucket.Open())).Count;
        var rest = await CopyAsync(Disk(_source), S3);

        kept.ShouldBeInRange(10, 29);
        (rest.Copied, rest.Skipped, rest.Failed).ShouldBe((30 - kept, kept, 0));

        void StopAt(BlobCopyProgress progress, int count)
        {
            if (progress.Copied == count)
            {
                interruption.Cancel();
            }
        }
    }

    [Fact]
    public async Task A_damaged_blob_is_not_copied_and_is_named_and_the_others_are_copied()
    {
        var contents = await FillAsync(5);
        var damaged = Bytes.KeyOf(contents[0]);
        await File.WriteAllBytesAsync(_source.PathOf(damaged), Bytes.Unique());

        var ended = await CopyAsync(Disk(_source), S3);

        (ended.Copied, ended.Failed).ShouldBe((4, 1));
        ended.LastFault.ShouldNotBeNull().ShouldStartWith(damaged.ToString());
        (await Bucket.Open().StatAsync(damaged, default)).ShouldBeNull();
    }

    [Fact]
    public async Task Verifying_finds_what_is_damaged_in_the_target_although_its_size_is_right()
    {
        var contents = await FillAsync(3);
        await CopyAsync(Disk(_source), S3);
        await Bucket.PutAsync(S3Layout.KeyOf(Bytes.KeyOf(contents[0])), new byte[contents[0].Length]);

        (await CopyAsync(Disk(_source), S3)).Failed.ShouldBe(0);
        var verified = await StorageServiceApp.CopyBlobsAsync((Disk(_source), S3), null, verify: true, _ => { }, default);

        (verified.Skipped, verified.Failed).ShouldBe((2, 1));
        verified.LastFault.ShouldNotBeNull().ShouldContain("damaged");
    }

    [Theory]
    [InlineData("nowhere", "disk:/path")]
    [InlineData("disk:/no/such/folder", "holds no blobs")]
    [InlineData("s3:Bucket=registry", "Endpoint is missing")]
    [InlineData("s3:Endpoint=http://127.0.0.1:1;Bucket=registry;AccessKey=us;SecretKey=hidden", "does not answer")]
    public async Task A_store_that_is_none_is_refused_with_a_sentence(string from, string sentence)
    {
        var failure = await Should.ThrowAsync<InvalidOperationException>(() => CopyAsync(from, Disk(_target)));

        failure.Message.ShouldContain(sentence);
        failure.ToString().ShouldNotContain("hidden");
    }

    public override async ValueTask DisposeAsync()
    {
        _source.Dispose();
        _target.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private static string Disk(StoreFolder folder) => $"disk:{folder.Path}";

    private static Task<BlobCopyProgress> CopyAsync(string from, string to) =>
        StorageServiceApp.CopyBlobsAsync((from, to), null, verify: false, _ => { }, default);

    private async Task<List<byte[]>> FillAsync(int count)
    {
        var store = _source.Open();
        var contents = Enumerable.Range(1, count).Select(i => Bytes.Unique(i * 100)).ToList();
        foreach (var content in contents)
        {
            (await store.PutAsync(new MemoryStream(content), null, default)).ShouldBeOfType<PutOutcome.Stored>();
        }

        return contents;
    }
}
