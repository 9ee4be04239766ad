using System.Data.Common;

using Amazon.S3.Model;

using Registry.StorageService.Blobs.S3;

namespace Registry.StorageService.Tests.Ceph;

/// <summary>
/// The S3 server the tests use: the one that <c>REGISTRY_TEST_S3</c> names with a connection string, else a Ceph of our own, started when first
/// asked for and stopped with the process. Where there is neither, tests are skipped with the reason.
/// </summary>
internal static class S3Server
{
    private const string Variable = "REGISTRY_TEST_S3";
    private static readonly Lazy<Task<(S3Address? Address, CephCluster? Ceph, string? Missing)>> Started = new(StartAsync);

    /// <summary>The server; skips the test when there is none.</summary>
    public static async Task<S3Address> RequireAsync()
    {
        var (address, _, missing) = await Started.Value;
        Assert.SkipWhen(address is null, $"No S3 server: {missing} Or name one in {Variable}.");
        return address!;
    }

    /// <summary>Our own Ceph, for what only its administrator can do; skips the test when the server is another.</summary>
    public static async Task<CephCluster> RequireCephAsync()
    {
        await RequireAsync();
        var (_, ceph, _) = await Started.Value;
        Assert.SkipWhen(ceph is null, $"The server that {Variable} names cannot be administered.");
        return ceph!;
    }

    private static async Task<(S3Address?, CephCluster?, string?)> StartAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
        {
            return (S3Address.Parse(given), null, null);
        }

        if (await CephCluster.FindProgramsAsync() is { } missing)
        {
            return (null, null, missing);
        }

        var ceph = await CephCluster.StartAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Task.Run(() => ceph.DisposeAsync().AsTask()).GetAwaiter().GetResult();
        var address = new S3Address(new Uri($"http://127.0.0.1:{ceph.Port}"), CephCluster.AccessKey, CephCluster.SecretKey);
        await WarmUpAsync(address);
        return (address, ceph, null);
    }

    /// <summary>A new cluster makes its pools with the first bucket and the first object, which takes seconds.</summary>
    private static async Task WarmUpAsync(S3Address address)
    {
        using var connection = S3Connection.Open(S3Settings.Parse(address.ConnectionString("warm-up")), new S3Limits(), null);
        await connection.Client.PutBucketAsync(new PutBucketRequest { BucketName = "warm-up" });
        await connection.Client.PutObjectAsync(new PutObjectRequest { BucketName = "warm-up", Key = "object", ContentBody = "-", UseChunkEncoding = false });
        var upload = await connection.Client.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = "warm-up", Key = "parts" });
        await connection.Client.AbortMultipartUploadAsync("warm-up", "parts", upload.UploadId);
        await connection.Client.DeleteObjectAsync("warm-up", "object");
        await connection.Client.DeleteBucketAsync("warm-up");
    }
}

/// <summary>An S3 server and who we are to it.</summary>
internal sealed record S3Address(Uri Endpoint, string AccessKey, string SecretKey)
{
    public static S3Address Parse(string connectionString)
    {
        var parts = new DbConnectionStringBuilder { ConnectionString = connectionString };
        return new S3Address(new Uri((string)parts["Endpoint"]), (string)parts["AccessKey"], (string)parts["SecretKey"]);
    }

    public string ConnectionString(string bucket) => $"Endpoint={Endpoint.GetLeftPart(UriPartial.Authority)};Bucket={bucket};AccessKey={AccessKey};SecretKey={SecretKey}";
}
