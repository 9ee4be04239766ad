using Amazon.S3;
using Amazon.S3.Model;

using Microsoft.Extensions.Logging.Abstractions;

using Registry.StorageService.Blobs.S3;
using Registry.Testing.Ceph;

namespace Registry.StorageService.Tests.Ceph;

/// <summary>A bucket of its own for a test, stores in it, and what lies in it.</summary>
internal sealed class TestBucket : IAsyncDisposable
{
    private readonly S3Connection _connection;
    private readonly List<S3Connection> _opened = [];

    private TestBucket(S3Address address)
    {
        Address = address;
        _connection = S3Connection.Open(Settings, new S3Limits(), null);
    }

    public S3Address Address { get; }

    public string Name { get; } = $"test-{Guid.CreateVersion7():n}";

    public string ConnectionString => Address.ConnectionString(Name);

    /// <summary>A client that nothing stands in front of.</summary>
    public IAmazonS3 Client => _connection.Client;

    private S3Settings Settings => S3Settings.Parse(ConnectionString);

    /// <summary>A new bucket; skips the test when there is no server.</summary>
    public static async Task<TestBucket> CreateAsync()
    {
        var bucket = new TestBucket(await S3Server.RequireAsync());
        await bucket.PrepareAsync();
        return bucket;
    }

    /// <summary>What a starting process does.</summary>
    public async Task PrepareAsync(TimeProvider? clock = null)
    {
        using var preparation = new S3Preparation(_connection, Settings, new S3Limits(), clock ?? TimeProvider.System, NullLogger<S3Preparation>.Instance);
        await preparation.PrepareAsync(default);
    }

    /// <summary>A store in the bucket, by another way or with other keys if need be.</summary>
    public S3BlobStore Open(S3Limits? limits = null, S3Address? through = null, TimeProvider? clock = null)
    {
        limits ??= new S3Limits();
        var connection = S3Connection.Open(S3Settings.Parse((through ?? Address).ConnectionString(Name)), limits, null);
        _opened.Add(connection);
        return new S3BlobStore(connection.Client, Name, limits, clock ?? TimeProvider.System);
    }

    /// <summary>Keys of every object.</summary>
    public async Task<List<string>> ListAsync()
    {
        var keys = new List<string>();
        var request = new ListObjectsV2Request { BucketName = Name };
        ListObjectsV2Response page;
        do
        {
            page = await Client.ListObjectsV2Async(request);
            keys.AddRange((page.S3Objects ?? []).Select(found => found.Key));
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);

        return keys;
    }

    /// <summary>Multipart uploads that are not over.</summary>
    public async Task<List<MultipartUpload>> ListUploadsAsync() =>
        (await Client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = Name })).MultipartUploads ?? [];

    /// <summary>Uploads and marks, which nothing may leave behind.</summary>
    public async Task<int> CountUnfinishedAsync() =>
        (await ListAsync()).Count(static key => !key.StartsWith("blobs/", StringComparison.Ordinal)) + (await ListUploadsAsync()).Count;

    public Task PutAsync(string key, byte[] content) =>
        Client.PutObjectAsync(new PutObjectRequest { BucketName = Name, Key = key, InputStream = new MemoryStream(content), UseChunkEncoding = false });

    public async ValueTask DisposeAsync()
    {
        foreach (var key in await ListAsync())
        {
            await Client.DeleteObjectAsync(Name, key);
        }

        foreach (var upload in await ListUploadsAsync())
        {
            await Client.AbortMultipartUploadAsync(Name, upload.Key, upload.UploadId);
        }

        await Client.DeleteBucketAsync(Name);
        _opened.ForEach(static connection => connection.Dispose());
        _connection.Dispose();
    }
}
