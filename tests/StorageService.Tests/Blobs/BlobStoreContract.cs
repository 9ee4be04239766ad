using System.Diagnostics;

using Registry.StorageService.Blobs;

namespace Registry.StorageService.Tests.Blobs;

/// <summary>What every <see cref="IBlobStore"/> does. A store is tested by a subclass that makes one, empty, and adds no assertions.</summary>
public abstract class BlobStoreContract
{
    private static readonly DateTimeOffset Future = new(2999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The store under test; new and empty for each test.</summary>
    private protected abstract IBlobStore Store { get; }

    /// <summary>How many unfinished uploads the store still holds somewhere.</summary>
    private protected abstract Task<int> CountUnfinishedAsync();

    [Fact]
    public async Task What_was_put_is_read_back()
    {
        var content = Bytes.Unique(300_000);

        var outcome = await PutAsync(content);

        outcome.ShouldBe(new PutOutcome.Stored(Bytes.KeyOf(content), content.Length));
        (await Bytes.ReadAllAsync(await Store.OpenReadAsync(Bytes.KeyOf(content), 0, default))).ShouldBe(content);
        (await CountUnfinishedAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task The_empty_blob_is_a_blob()
    {
        var outcome = await PutAsync([]);

        outcome.ShouldBe(new PutOutcome.Stored(Bytes.KeyOf([]), 0));
        (await Store.StatAsync(Bytes.KeyOf([]), default)).ShouldNotBeNull().SizeBytes.ShouldBe(0);
        (await Bytes.ReadAllAsync(await Store.OpenReadAsync(Bytes.KeyOf([]), 0, default))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Content_with_the_announced_digest_is_stored()
    {
        var content = Bytes.Unique();

        var outcome = await PutAsync(content, Bytes.KeyOf(content));

        outcome.ShouldBeOfType<PutOutcome.Stored>();
    }

    [Fact]
    public async Task Content_with_another_digest_leaves_no_trace()
    {
        var announced = Bytes.KeyOf(Bytes.Unique());
        var content = Bytes.Unique();

        var outcome = await PutAsync(content, announced);

        outcome.ShouldBe(new PutOutcome.DigestMismatch(announced, Bytes.KeyOf(content)));
        await ShouldBeEmptyAsync();
    }

    [Fact]
    public async Task Two_writers_of_one_blob_at_once_both_succeed()
    {
        for (var round = 0; round < 20; round++)
        {
            var content = Bytes.Unique(50_000);

            var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => PutAsync(content))));

            outcomes.ShouldAllBe(outcome => outcome is PutOutcome.Stored || outcome is PutOutcome.AlreadyStored);
            outcomes.ShouldContain(outcome => outcome is PutOutcome.Stored);
            (await Bytes.ReadAllAsync(await Store.OpenReadAsync(Bytes.KeyOf(content), 0, default))).ShouldBe(content);
        }

        (await ListAsync(null)).Count.ShouldBe(20);
        (await CountUnfinishedAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Putting_again_renews_the_lease()
    {
        var content = Bytes.Unique();
        var key = Bytes.KeyOf(content);
        await PutAsync(content);
        var first = (await Store.StatAsync(key, default)).ShouldNotBeNull();

        // A store may keep whole seconds: repeat until its clock has moved on.
        var deadline = Stopwatch.StartNew();
        DateTimeOffset renewed;
        do
        {
            (await PutAsync(content)).ShouldBe(new PutOutcome.AlreadyStored(key, content.Length));
            renewed = (await Store.StatAsync(key, default)).ShouldNotBeNull().LeasedAt;
        }
        while (renewed <= first.LeasedAt && deadline.Elapsed < TimeSpan.FromSeconds(5));

        renewed.ShouldBeGreaterThan(first.LeasedAt);
        (await ListAsync(null)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_blob_that_is_not_there_is_null()
    {
        var key = Bytes.KeyOf(Bytes.Unique());

        (await Store.StatAsync(key, default)).ShouldBeNull();
        (await Store.OpenReadAsync(key, 0, default)).ShouldBeNull();
        (await Store.DeleteAsync(key, Future, default)).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(999)]
    [InlineData(1000)]
    public async Task Reading_starts_at_the_offset(int offset)
    {
        var content = Bytes.Unique(1000);
        await PutAsync(content);

        var read = await Bytes.ReadAllAsync(await Store.OpenReadAsync(Bytes.KeyOf(content), offset, default));

        read.ShouldBe(content[offset..]);
    }

    [Fact]
    public async Task Blobs_are_listed_in_the_order_of_their_digests()
    {
        var keys = await PutManyAsync(50);

        var listed = await ListAsync(null);

        listed.Select(blob => blob.Key.Hex).ShouldBe(keys);
        listed.ShouldAllBe(blob => blob.SizeBytes == 10);
    }

    [Fact]
    public async Task Listing_resumes_after_any_key()
    {
        var keys = await PutManyAsync(20);

        for (var i = 0; i < keys.Count; i++)
        {
            var listed = await ListAsync(BlobKey.FromHex(keys[i]));
            listed.Select(blob => blob.Key.Hex).ShouldBe(keys[(i + 1)..]);
        }

        (await ListAsync(BlobKey.FromHex(new string('0', 64)))).Count.ShouldBe(20);
        (await ListAsync(BlobKey.FromHex(new string('f', 64)))).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_deleted_blob_is_gone_and_can_be_put_again()
    {
        var content = Bytes.Unique();
        var key = Bytes.KeyOf(content);
        await PutAsync(content);

        (await Store.DeleteAsync(key, Future, default)).ShouldBeTrue();

        await ShouldBeEmptyAsync();
        (await Store.OpenReadAsync(key, 0, default)).ShouldBeNull();
        (await PutAsync(content)).ShouldBeOfType<PutOutcome.Stored>();
    }

    [Fact]
    public async Task A_blob_with_a_newer_lease_is_not_deleted()
    {
        var content = Bytes.Unique();
        var key = Bytes.KeyOf(content);
        await PutAsync(content);
        var lease = (await Store.StatAsync(key, default)).ShouldNotBeNull().LeasedAt;

        (await Store.DeleteAsync(key, lease, default)).ShouldBeFalse();

        (await Bytes.ReadAllAsync(await Store.OpenReadAsync(key, 0, default))).ShouldBe(content);
    }

    [Fact]
    public async Task A_cancelled_put_leaves_no_trace()
    {
        using var cancellation = new CancellationTokenSource();
        var content = new GeneratedStream(10_000_000)
        {
            BeforeRead = async (given, token) =>
            {
                if (given > 1_000_000)
                {
                    await cancellation.CancelAsync();
                    token.ThrowIfCancellationRequested();
                }
            },
        };

        await Should.ThrowAsync<OperationCanceledException>(() => Store.PutAsync(content, null, cancellation.Token));

        await ShouldBeEmptyAsync();
    }

    [Fact]
    public async Task A_put_whose_content_fails_says_so_and_leaves_no_trace()
    {
        var content = new GeneratedStream(10_000_000)
        {
            BeforeRead = (given, _) => given > 1_000_000 ? throw new EndOfStreamException("cut") : default,
        };

        // The content's own failure, not one of the store: the sender is to blame, not the disk.
        await Should.ThrowAsync<EndOfStreamException>(() => Store.PutAsync(content, null, default));

        await ShouldBeEmptyAsync();
    }

    [Fact]
    public async Task An_unfinished_put_is_not_visible()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var put = Store.PutAsync(
            new GeneratedStream(1_000_000)
            {
                BeforeRead = async (given, token) =>
                {
                    if (given == 1_000_000)
                    {
                        arrived.TrySetResult();
                        await goOn.Task.WaitAsync(token);
                    }
                },
            },
            Bytes.KeyOf(new byte[1_000_000]),
            default);

        await arrived.Task;
        (await ListAsync(null)).ShouldBeEmpty();
        (await Store.StatAsync(Bytes.KeyOf(new byte[1_000_000]), default)).ShouldBeNull();
        goOn.SetResult();

        (await put).ShouldBeOfType<PutOutcome.Stored>();
        (await ListAsync(null)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Memory_stays_flat_however_large_the_blob()
    {
        const long Size = 64L << 20;
        await PutAsync(Bytes.Unique()); // whatever is allocated once
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var outcome = await Store.PutAsync(new GeneratedStream(Size), null, default);

        outcome.ShouldBeOfType<PutOutcome.Stored>().SizeBytes.ShouldBe(Size);
        (GC.GetTotalAllocatedBytes(precise: true) - before).ShouldBeLessThan(Size / 4);
    }

    [Fact]
    public async Task A_probe_leaves_nothing()
    {
        await Store.ProbeAsync(default);

        await ShouldBeEmptyAsync();
    }

    private Task<PutOutcome> PutAsync(byte[] content, BlobKey? expected = null) =>
        Store.PutAsync(new MemoryStream(content, writable: false), expected, default);

    private async Task<List<string>> PutManyAsync(int count)
    {
        var keys = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var content = Bytes.Unique(10);
            await PutAsync(content);
            keys.Add(Bytes.KeyOf(content).Hex);
        }

        keys.Sort(StringComparer.Ordinal);
        return keys;
    }

    private async Task<List<BlobInfo>> ListAsync(BlobKey? startAfter)
    {
        var blobs = new List<BlobInfo>();
        await foreach (var blob in Store.ListAsync(startAfter, default))
        {
            blobs.Add(blob);
        }

        return blobs;
    }

    private async Task ShouldBeEmptyAsync()
    {
        (await ListAsync(null)).ShouldBeEmpty();
        (await CountUnfinishedAsync()).ShouldBe(0);
    }
}
