using System.Diagnostics;

using Amazon.S3.Model;

using Registry.StorageService.Blobs;
using Registry.StorageService.Blobs.S3;
using Registry.StorageService.Tests.Ceph;
using Registry.Testing;
using Registry.Testing.Ceph;

namespace Registry.StorageService.Tests.Blobs.S3;

/// <summary>An S3 that is down, slow, full, closed to us or gone, and processes that died on the way.</summary>
public sealed class S3FaultTests : S3TestBase
{
    [Fact]
    public async Task What_a_crashed_process_left_is_not_visible_and_is_removed_by_a_later_start()
    {
        var content = Bytes.Unique();
        await Bucket.PutAsync(S3Layout.NewIncoming(), content); // it died between the upload and the copy
        await Bucket.PutAsync(S3Layout.NewDeletion(Bytes.KeyOf(content)), [0]); // or while it deleted
        var half = await Bucket.Client.InitiateMultipartUploadAsync(Bucket.Name, S3Layout.NewIncoming()); // or before it had all parts
        await Bucket.Client.UploadPartAsync(new UploadPartRequest
        {
            BucketName = Bucket.Name,
            Key = half.Key,
            UploadId = half.UploadId,
            PartNumber = 1,
            InputStream = new MemoryStream(content),
            UseChunkEncoding = false,
        });

        await Bucket.PrepareAsync();
        (await ListAsync(Bucket.Open())).ShouldBeEmpty();
        (await Bucket.Open().StatAsync(Bytes.KeyOf(content), default)).ShouldBeNull();
        (await Bucket.CountUnfinishedAsync()).ShouldBe(3, "they may belong to somebody who is at it");

        await Bucket.PrepareAsync(new LaterClock(TimeSpan.FromMinutes(61)));
        (await Bucket.CountUnfinishedAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_put_that_S3_breaks_off_before_the_end_leaves_nothing_visible()
    {
        await using var proxy = Proxy();
        var content = new GeneratedStream(20_000_000)
        {
            BeforeRead = (given, _) =>
            {
                proxy.Refuse(given > 12_000_000);
                return default;
            },
        };

        await Should.ThrowAsync<BlobStoreException>(() => Bucket.Open(Impatient, Through(proxy)).PutAsync(content, null, default));

        (await Bucket.ListAsync()).ShouldBeEmpty();
        (await Bucket.ListUploadsAsync()).Count.ShouldBe(1, "it could not be taken back");
        await Bucket.PrepareAsync(new LaterClock(TimeSpan.FromMinutes(61)));
        (await Bucket.ListUploadsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_S3_that_is_down_is_not_mistaken_for_an_absent_blob_and_serves_again_when_it_is_back()
    {
        await using var proxy = Proxy();
        var store = Bucket.Open(Impatient, Through(proxy));
        var content = Bytes.Unique();
        await PutAsync(store, content);

        proxy.Refuse(true);
        var failures = await FailuresAsync(store);
        proxy.Refuse(false);

        failures.ShouldAllBe(failure => !failure.IsFull && !failure.IsRefused && !failure.Message.Contains("127.0.0.1"));
        (await PutAsync(store, content)).ShouldBeOfType<PutOutcome.AlreadyStored>();
    }

    [Fact]
    public async Task An_S3_that_hangs_is_given_up_in_time()
    {
        await using var proxy = Proxy();
        var store = Bucket.Open(Impatient, Through(proxy));
        await store.ProbeAsync(default);

        proxy.Hold(true);
        var since = Stopwatch.GetTimestamp();
        var failure = await Should.ThrowAsync<BlobStoreException>(() => PutAsync(store, Bytes.Unique()));
        var took = Stopwatch.GetElapsedTime(since);
        proxy.Hold(false);

        failure.IsFull.ShouldBeFalse();
        took.ShouldBeInRange(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10), "some attempts of a second each");
        await store.ProbeAsync(default);
    }

    [Fact]
    public async Task A_request_that_fails_once_is_repeated()
    {
        await using var proxy = Proxy();
        var store = Bucket.Open(Impatient, Through(proxy));
        var content = Bytes.Unique();

        proxy.CutWhenServerSays("HTTP/1.1 200 OK"u8.ToArray());
        await PutAsync(store, content);

        proxy.Cuts.ShouldBe(1);
        (await Bytes.ReadAllAsync(await store.OpenReadAsync(Bytes.KeyOf(content), 0, default))).ShouldBe(content);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_download_that_is_cut_or_stalls_goes_on_where_it_stopped(bool stalls)
    {
        await using var proxy = Proxy();
        var store = Bucket.Open(Impatient, Through(proxy));
        var content = Bytes.Unique(20_000_000);
        await PutAsync(Bucket.Open(), content);

        await using var reader = await store.OpenReadAsync(Bytes.KeyOf(content), 0, default);
        await reader!.ReadExactlyAsync(new byte[100_000]);
        if (stalls)
        {
            proxy.Hold(true);
            _ = Task.Delay(TimeSpan.FromSeconds(1.5)).ContinueWith(_ => proxy.Hold(false), TaskScheduler.Default);
        }
        else
        {
            proxy.Refuse(true);
            proxy.Refuse(false);
        }

        (await Bytes.ReadAllAsync(reader)).ShouldBe(content[100_000..]);
    }

    [Fact]
    public async Task A_download_whose_S3_stays_away_fails_in_time_and_never_ends_short()
    {
        await using var proxy = Proxy();
        var store = Bucket.Open(Impatient, Through(proxy));
        var content = Bytes.Unique(20_000_000);
        await PutAsync(Bucket.Open(), content);

        await using var reader = await store.OpenReadAsync(Bytes.KeyOf(content), 0, default);
        await reader!.ReadExactlyAsync(new byte[100_000]);
        proxy.Refuse(true);

        await Should.ThrowAsync<BlobStoreException>(() => reader.CopyToAsync(Stream.Null));
    }

    [Theory]
    [InlineData("registry", "wrong-secret")]
    [InlineData("nobody", "wrong-secret")]
    public async Task Wrong_keys_are_a_refusal_and_no_absence(string accessKey, string secretKey)
    {
        var failures = await FailuresAsync(Bucket.Open(through: Bucket.Address with { AccessKey = accessKey, SecretKey = secretKey }));

        failures.ShouldAllBe(failure => failure.IsRefused && !failure.IsFull && !failure.ToString().Contains(secretKey));
    }

    [Fact]
    public async Task A_permission_that_is_lost_stops_what_needs_it_and_nothing_else()
    {
        var store = Bucket.Open();
        var content = Bytes.Unique();
        await PutAsync(store, content);

        await Bucket.Client.PutBucketPolicyAsync(Bucket.Name, $$"""
            {"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":["s3:PutObject"],"Resource":["arn:aws:s3:::{{Bucket.Name}}/*"]}]}
            """);

        for (var round = 0; round < 30; round++)
        {
            // Ceph does not always read the body of what it refuses, and then takes it for the next request of the connection.
            (await Should.ThrowAsync<BlobStoreException>(() => PutAsync(store, Bytes.Unique()))).IsRefused.ShouldBeTrue();
            (await Should.ThrowAsync<BlobStoreException>(() => store.ProbeAsync(default))).IsRefused.ShouldBeTrue();
            (await Bytes.ReadAllAsync(await store.OpenReadAsync(Bytes.KeyOf(content), 0, default))).ShouldBe(content);
        }

        await Bucket.Client.DeleteBucketPolicyAsync(Bucket.Name);
        (await PutAsync(store, Bytes.Unique())).ShouldBeOfType<PutOutcome.Stored>();
    }

    [Fact]
    public async Task A_bucket_that_is_gone_is_not_mistaken_for_an_absent_blob()
    {
        var store = Bucket.Open();
        await Bucket.Client.DeleteBucketAsync(Bucket.Name);

        await FailuresAsync(store);

        await Bucket.PrepareAsync(); // a start makes it again
        (await PutAsync(store, Bytes.Unique())).ShouldBeOfType<PutOutcome.Stored>();
    }

    [Fact]
    public async Task A_quota_that_is_used_up_is_told_apart()
    {
        var ceph = await S3Server.RequireCephAsync();
        var user = $"small-{Guid.CreateVersion7():n}";
        await ceph.AdministerAsync("user", "create", $"--uid={user}", "--display-name=small", $"--access-key={user}", "--secret=small-secret");
        await ceph.AdministerAsync("quota", "set", "--quota-scope=user", $"--uid={user}", "--max-size=4096");
        await ceph.AdministerAsync("quota", "enable", "--quota-scope=user", $"--uid={user}");
        using var connection = S3Connection.Open(
            S3Settings.Parse((Bucket.Address with { AccessKey = user, SecretKey = "small-secret" }).ConnectionString(user)), new S3Limits(), null);
        await connection.Client.PutBucketAsync(user);
        var store = new S3BlobStore(connection.Client, user, new S3Limits(), TimeProvider.System);

        var failure = await Should.ThrowAsync<BlobStoreException>(() => PutAsync(store, Bytes.Unique(100_000)));

        failure.IsFull.ShouldBeTrue();
        await connection.Client.DeleteBucketAsync(user);
    }

    private static async Task<BlobStoreException[]> FailuresAsync(S3BlobStore store)
    {
        var key = Bytes.KeyOf(Bytes.Unique());
        return
        [
            await Should.ThrowAsync<BlobStoreException>(() => store.StatAsync(key, default)),
            await Should.ThrowAsync<BlobStoreException>(() => store.OpenReadAsync(key, 0, default)),
            await Should.ThrowAsync<BlobStoreException>(() => store.OpenReadAsync(key, 10, default)),
            await Should.ThrowAsync<BlobStoreException>(() => PutAsync(store, Bytes.Unique())),
            await Should.ThrowAsync<BlobStoreException>(() => ListAsync(store)),
            await Should.ThrowAsync<BlobStoreException>(() => store.ProbeAsync(default)),
        ];
    }

    private CutProxy Proxy() => new(Bucket.Address.Endpoint.Host, Bucket.Address.Endpoint.Port);

    private S3Address Through(CutProxy proxy) => Bucket.Address with { Endpoint = new Uri($"http://127.0.0.1:{proxy.Port}") };
}
