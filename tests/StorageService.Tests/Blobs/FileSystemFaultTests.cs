using Registry.StorageService.Blobs;

namespace Registry.StorageService.Tests.Blobs;

/// <summary>What only a store of files can suffer: crashed writers, damaged files, and a disk that goes away.</summary>
public sealed class FileSystemFaultTests : IDisposable
{
    private readonly StoreFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_blob_lies_where_the_layout_says()
    {
        var content = Bytes.Unique();

        await PutAsync(_folder.Open(), content);

        (await File.ReadAllBytesAsync(_folder.PathOf(Bytes.KeyOf(content)))).ShouldBe(content);
    }

    [Fact]
    public void A_start_removes_the_uploads_of_a_crashed_process_and_no_others()
    {
        _folder.Open();
        var abandoned = Path.Combine(_folder.Incoming, "abandoned.part");
        var inProgress = Path.Combine(_folder.Incoming, "in-progress.part");
        File.WriteAllText(abandoned, "half");
        File.WriteAllText(inProgress, "half");
        File.SetLastWriteTimeUtc(abandoned, File.GetLastWriteTimeUtc(inProgress).AddMinutes(-61));

        _folder.Open();

        File.Exists(abandoned).ShouldBeFalse();
        File.Exists(inProgress).ShouldBeTrue();
    }

    [Fact]
    public async Task A_start_puts_back_the_blob_a_crashed_collection_had_taken_aside()
    {
        var content = Bytes.Unique();
        var key = Bytes.KeyOf(content);
        await PutAsync(_folder.Open(), content);
        File.Move(_folder.PathOf(key), Path.Combine(_folder.Incoming, key.Hex + ".aside"));

        var store = _folder.Open();

        (await Bytes.ReadAllAsync(await store.OpenReadAsync(key, 0, default))).ShouldBe(content);
    }

    [Fact]
    public async Task A_put_that_races_with_collection_is_never_lost()
    {
        var store = _folder.Open();
        var content = Bytes.Unique();
        var key = Bytes.KeyOf(content);
        for (var round = 0; round < 50; round++)
        {
            await PutAsync(store, content);
            var longAgo = File.GetLastWriteTimeUtc(_folder.PathOf(key)).AddDays(-2);
            File.SetLastWriteTimeUtc(_folder.PathOf(key), longAgo);

            await Task.WhenAll(
                Task.Run(() => PutAsync(store, content)),
                Task.Run(() => store.DeleteAsync(key, new DateTimeOffset(longAgo.AddDays(1)), default)));

            (await store.StatAsync(key, default)).ShouldNotBeNull($"round {round}");
        }

        Directory.GetFileSystemEntries(_folder.Incoming).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_put_replaces_a_damaged_file_of_another_length()
    {
        var store = _folder.Open();
        var content = Bytes.Unique();
        var key = Bytes.KeyOf(content);
        await PutAsync(store, content);
        await File.WriteAllTextAsync(_folder.PathOf(key), "cut short");

        await PutAsync(store, content);

        (await Bytes.ReadAllAsync(await store.OpenReadAsync(key, 0, default))).ShouldBe(content);
    }

    [Fact]
    public async Task A_reader_keeps_the_blob_it_has_opened_when_it_is_deleted()
    {
        var store = _folder.Open();
        var content = Bytes.Unique();
        await PutAsync(store, content);

        var opened = await store.OpenReadAsync(Bytes.KeyOf(content), 0, default);
        await store.DeleteAsync(Bytes.KeyOf(content), DateTimeOffset.MaxValue, default);

        (await Bytes.ReadAllAsync(opened)).ShouldBe(content);
    }

    [Fact]
    public async Task A_disk_that_is_gone_is_not_mistaken_for_an_absent_blob()
    {
        var store = _folder.Open();
        var key = Bytes.KeyOf(Bytes.Unique());
        Directory.Delete(_folder.Path, recursive: true);

        var failures = new[]
        {
            await Should.ThrowAsync<BlobStoreException>(() => store.StatAsync(key, default)),
            await Should.ThrowAsync<BlobStoreException>(() => store.OpenReadAsync(key, 0, default)),
            await Should.ThrowAsync<BlobStoreException>(() => PutAsync(store, Bytes.Unique())),
            await Should.ThrowAsync<BlobStoreException>(() => store.ProbeAsync(default)),
        };

        failures.ShouldAllBe(failure => !failure.IsFull && !failure.Message.Contains(_folder.Path));
    }

    [Fact]
    public async Task A_store_that_is_gone_is_not_made_anew_by_a_put()
    {
        var store = _folder.Open();
        var blobs = Path.Combine(_folder.Path, "blobs", "sha256");
        var key = Bytes.KeyOf(Bytes.Unique());
        Directory.Delete(blobs, recursive: true);

        await Should.ThrowAsync<BlobStoreException>(() => PutAsync(store, Bytes.Unique()));

        Directory.Exists(blobs).ShouldBeFalse();
        await Should.ThrowAsync<BlobStoreException>(() => store.StatAsync(key, default));
    }

    [Fact]
    public async Task A_folder_that_was_taken_away_is_made_again()
    {
        var store = _folder.Open();
        var content = Bytes.Unique();
        await PutAsync(store, content);
        foreach (var outer in Directory.GetDirectories(Path.Combine(_folder.Path, "blobs", "sha256")))
        {
            Directory.Delete(outer, recursive: true);
        }

        (await PutAsync(store, content)).ShouldBeOfType<PutOutcome.Stored>();
    }

    [Theory]
    [InlineData(28, true)]
    [InlineData(unchecked((int)0x80070070), true)]
    [InlineData(30, false)]
    [InlineData(5, false)]
    public void A_full_disk_is_told_apart_from_other_failures(int systemError, bool isFull)
    {
        var failure = BlobStoreException.From(new IOException("some/path", systemError));

        failure.IsFull.ShouldBe(isFull);
        failure.Message.ShouldNotContain("path");
    }

    [Fact]
    public void A_folder_that_cannot_be_made_stops_the_start_with_its_name()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "blobs"), "in the way");

        var failure = Should.Throw<InvalidOperationException>(() => _folder.Open());

        failure.Message.ShouldContain(_folder.Path);
        failure.Message.ShouldContain("Storage:Path");
    }

    private static Task<PutOutcome> PutAsync(FileSystemBlobStore store, byte[] content) =>
        store.PutAsync(new MemoryStream(content, writable: false), null, default);
}
