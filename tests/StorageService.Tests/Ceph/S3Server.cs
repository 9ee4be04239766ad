using Amazon.S3.Model;

using Registry.StorageService.Blobs.S3;
using Registry.Testing.Ceph;

namespace Registry.StorageService.Tests.Ceph;

/// <summary>The S3 server of the tests, warm. Where there is none, tests are skipped with the reason.</summary>
internal static class S3Server
{
    private static readonly Lazy<Task<FoundS3>> Warm = new(WarmUpAsync);

    /// <summary>The server; skips the test when there is none.</summary>
    public static async Task<S3Address> RequireAsync()
    {
        var found = await Warm.Value;
        Assert.SkipWhen(found.Address is null, found.Missing ?? "");
        return found.Address!;
    }

    /// <summary>Our own Ceph, for what only its administrator can do; skips the test when the server is another.</summary>
    public static async Task<CephCluster> RequireCephAsync()
    {
        await RequireAsync();
        var found = await Warm.Value;
        Assert.SkipWhen(found.Ceph is null, $"The server that {TestS3.Variable} names cannot be administered.");
        return found.Ceph!;
    }

    /// <summary>A new cluster makes its pools with the first bucket and the first object, which takes seconds.</summary>
    private static async Task<FoundS3> WarmUpAsync()
    {
        var found = await TestS3.FindAsync();
        if (found is not { Ceph: not null, Address: { } address })
        {
            return found;
        }

        using var connection = S3Connection.Open(S3Settings.Parse(address.ConnectionString("warm-up")), new S3Limits(), null);
        await connection.Client.PutBucketAsync(new PutBucketRequest { BucketName = "warm-up" });
        await connection.Client.PutObjectAsync(new PutObjectRequest { BucketName = "warm-up", Key = "object", ContentBody = "-", UseChunkEncoding = false });
        var upload = await connection.Client.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = "warm-up", Key = "parts" });
        await connection.Client.AbortMultipartUploadAsync("warm-up", "parts", upload.UploadId);
        await connection.Client.DeleteObjectAsync("warm-up", "object");
        await connection.Client.DeleteBucketAsync("warm-up");
        return found;
    }
}
