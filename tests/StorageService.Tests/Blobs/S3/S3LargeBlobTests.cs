using System.Diagnostics;

using Registry.StorageService.Blobs;

namespace Registry.StorageService.Tests.Blobs.S3;

/// <summary>Blobs of several parts, which do not lie at their key before they are whole and known.</summary>
public sealed class S3LargeBlobTests : S3TestBase
{
    [Theory]
    [InlineData(5 << 20)]
    [InlineData((5 << 20) + 1)]
    [InlineData(12_345_678)]
    public async Task A_blob_of_several_parts_is_read_back(int size)
    {
        var store = Bucket.Open(SmallParts);
        var content = Bytes.Unique(size);

        (await PutAsync(store, content)).ShouldBe(new PutOutcome.Stored(Bytes.KeyOf(content), size));
        (await PutAsync(store, content)).ShouldBe(new PutOutcome.AlreadyStored(Bytes.KeyOf(content), size));

        (await Bytes.ReadAllAsync(await store.OpenReadAsync(Bytes.KeyOf(content), 0, default))).ShouldBe(content);
        (await Bytes.ReadAllAsync(await store.OpenReadAsync(Bytes.KeyOf(content), size - 10, default))).ShouldBe(content[^10..]);
        (await Bucket.CountUnfinishedAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_blob_too_large_for_one_copy_is_copied_in_parts()
    {
        var store = Bucket.Open(SmallParts with { CopyAtOnceBytes = 6 << 20, CopyPartBytes = 5 << 20 });
        var content = Bytes.Unique(12_345_678);

        await PutAsync(store, content);

        (await Bytes.ReadAllAsync(await store.OpenReadAsync(Bytes.KeyOf(content), 0, default))).ShouldBe(content);
        (await Bucket.CountUnfinishedAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Another_digest_than_announced_leaves_no_trace_of_any_part()
    {
        var store = Bucket.Open(SmallParts);
        var announced = Bytes.KeyOf([1]);

        var outcome = await store.PutAsync(new GeneratedStream(12_000_000), announced, default);

        outcome.ShouldBeOfType<PutOutcome.DigestMismatch>();
        (await Bucket.ListAsync()).ShouldBeEmpty();
        (await Bucket.ListUploadsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_put_cancelled_after_some_parts_leaves_none_of_them()
    {
        using var cancellation = new CancellationTokenSource();
        var parts = 0;
        var content = new GeneratedStream(30_000_000)
        {
            BeforeRead = async (given, token) =>
            {
                if (given > 12_000_000)
                {
                    parts = (await Bucket.ListUploadsAsync()).Count;
                    await cancellation.CancelAsync();
                    token.ThrowIfCancellationRequested();
                }
            },
        };

        await Should.ThrowAsync<OperationCanceledException>(() => Bucket.Open(SmallParts).PutAsync(content, null, cancellation.Token));

        parts.ShouldBe(1, "it had begun");
        (await Bucket.ListAsync()).ShouldBeEmpty();
        (await Bucket.ListUploadsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_reader_gets_the_whole_blob_while_it_is_put_again()
    {
        var store = Bucket.Open(SmallParts);
        var content = Bytes.Unique(20_000_000);
        await PutAsync(store, content);

        await using var reader = await store.OpenReadAsync(Bytes.KeyOf(content), 0, default);
        var first = new byte[1000];
        await reader!.ReadExactlyAsync(first);
        await PutAsync(store, content);

        (await Bytes.ReadAllAsync(reader)).ShouldBe(content[1000..]);
        first.ShouldBe(content[..1000]);
    }

    [Fact]
    [Trait("Category", "faults")]
    public async Task Memory_stays_flat_for_a_gigabyte()
    {
        const long Size = 1L << 30;
        var store = Bucket.Open();
        await PutAsync(store, Bytes.Unique(20_000_000)); // whatever is allocated once
        var memory = new Peak();

        var key = (await memory.WhileAsync(() => store.PutAsync(new GeneratedStream(Size), null, default))).ShouldBeOfType<PutOutcome.Stored>().Key;
        var read = await memory.WhileAsync(async () =>
        {
            await using var content = await store.OpenReadAsync(key, 0, default);
            var (buffer, total) = (new byte[128 * 1024], 0L);
            while (await content!.ReadAsync(buffer) is var count and > 0)
            {
                total += count;
            }

            return total;
        });

        read.ShouldBe(Size);
        TestContext.Current.TestOutputHelper?.WriteLine(memory.ToString());
        memory.HighestGrowth.ShouldBeLessThan(100L << 20);
        (await Bucket.CountUnfinishedAsync()).ShouldBe(0);
    }

    /// <summary>The most the process has grown by, in resident memory, while something ran.</summary>
    private sealed class Peak
    {
        private readonly Process _self = Process.GetCurrentProcess();
        private readonly List<string> _times = [];
        private readonly long _before;

        public Peak() => _before = Resident();

        public long HighestGrowth { get; private set; }

        public async Task<T> WhileAsync<T>(Func<Task<T>> work)
        {
            var since = Stopwatch.GetTimestamp();
            var running = work();
            while (await Task.WhenAny(running, Task.Delay(100)) != running)
            {
                HighestGrowth = Math.Max(HighestGrowth, Resident() - _before);
            }

            _times.Add($"{Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s");
            return await running;
        }

        public override string ToString() => $"grew by at most {HighestGrowth >> 20} MiB from {_before >> 20} MiB in {string.Join(" and ", _times)}";

        private long Resident()
        {
            _self.Refresh();
            return _self.WorkingSet64;
        }
    }
}
