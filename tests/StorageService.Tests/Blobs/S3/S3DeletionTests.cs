using Registry.StorageService.Blobs;
using Registry.StorageService.Blobs.S3;
using Registry.StorageService.Tests.Ceph;

namespace Registry.StorageService.Tests.Blobs.S3;

/// <summary>Collection and puts of one blob at the same moment: whoever was told that it is stored can rely on it.</summary>
public sealed class S3DeletionTests : S3TestBase
{
    [Fact]
    public async Task A_put_that_races_with_collection_is_never_lost()
    {
        var (store, collector) = (Bucket.Open(), Bucket.Open());
        var contents = Enumerable.Range(0, 40).Select(_ => Bytes.Unique()).ToList();
        foreach (var content in contents)
        {
            await PutAsync(store, content);
        }

        var last = (await ListAsync(store)).Max(blob => blob.LeasedAt);
        await Task.Delay(TimeSpan.FromSeconds(2.5)); // S3 tells time in seconds: what is put from here on has a newer lease
        var cutoff = last + TimeSpan.FromSeconds(1);
        var deleted = 0;
        await Parallel.ForEachAsync(contents, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (content, _) =>
        {
            var deletion = Task.Run(() => collector.DeleteAsync(Bytes.KeyOf(content), cutoff, default));
            await Task.WhenAll(deletion, Task.Run(() => PutAsync(store, content)));
            Interlocked.Add(ref deleted, await deletion ? 1 : 0);

            (await store.StatAsync(Bytes.KeyOf(content), default)).ShouldNotBeNull();
        });

        TestContext.Current.TestOutputHelper?.WriteLine($"{deleted} of {contents.Count} were deleted and written again or before");
        (await Bucket.CountUnfinishedAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_put_waits_for_a_deletion_that_has_begun_and_writes_again_what_it_took()
    {
        var store = Bucket.Open();
        var content = Bytes.Unique();
        var key = Bytes.KeyOf(content);
        var mark = S3Layout.NewDeletion(key);
        await Bucket.PutAsync(mark, [0]); // a deletion has looked at the lease

        var put = PutAsync(store, content);
        while ((await Bucket.ListAsync()).Count < 2)
        {
            await Task.Delay(20);
        }

        put.IsCompleted.ShouldBeFalse();
        await Bucket.Client.DeleteObjectAsync(Bucket.Name, S3Layout.KeyOf(key)); // and goes on
        await Bucket.Client.DeleteObjectAsync(Bucket.Name, mark);

        (await put).ShouldBeOfType<PutOutcome.Stored>();
        (await store.StatAsync(key, default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_put_does_not_wait_for_ever_for_a_deletion_and_does_not_call_the_blob_stored()
    {
        var content = Bytes.Unique();
        await Bucket.PutAsync(S3Layout.NewDeletion(Bytes.KeyOf(content)), [0]);

        await Should.ThrowAsync<BlobStoreException>(() => PutAsync(Bucket.Open(Impatient), content));
    }

    [Fact]
    public async Task The_mark_of_a_collector_that_died_stops_nobody_after_a_while()
    {
        var content = Bytes.Unique();
        await Bucket.PutAsync(S3Layout.NewDeletion(Bytes.KeyOf(content)), [0]);

        var outcome = await PutAsync(Bucket.Open(clock: new LaterClock(S3Deletion.MarkCounts + TimeSpan.FromMinutes(1))), content);

        outcome.ShouldBeOfType<PutOutcome.Stored>();
    }

    [Fact]
    public async Task A_put_replaces_a_damaged_object_of_another_length()
    {
        var store = Bucket.Open();
        var content = Bytes.Unique();
        await Bucket.PutAsync(S3Layout.KeyOf(Bytes.KeyOf(content)), [1, 2, 3]);

        await PutAsync(store, content);

        (await Bytes.ReadAllAsync(await store.OpenReadAsync(Bytes.KeyOf(content), 0, default))).ShouldBe(content);
    }
}
