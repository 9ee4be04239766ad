using System.Data.Common;

namespace Registry.Testing.Ceph;

/// <summary>
/// The S3 server the tests use: the one that <c>REGISTRY_TEST_S3</c> names with a connection string, else a Ceph of our own, started when first
/// asked for and stopped with the process.
/// </summary>
public static class TestS3
{
    /// <summary>The variable that names a server.</summary>
    public const string Variable = "REGISTRY_TEST_S3";

    private static readonly Lazy<Task<FoundS3>> Started = new(StartAsync);

    /// <summary>The server, or why there is none.</summary>
    public static Task<FoundS3> FindAsync() => Started.Value;

    private static async Task<FoundS3> StartAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
        {
            return new FoundS3(S3Address.Parse(given), null, null);
        }

        if (await CephCluster.FindProgramsAsync() is { } missing)
        {
            return new FoundS3(null, null, $"No S3 server: {missing} Or name one in {Variable}.");
        }

        var ceph = await CephCluster.StartAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Task.Run(() => ceph.DisposeAsync().AsTask()).GetAwaiter().GetResult();
        return new FoundS3(new S3Address(new Uri($"http://127.0.0.1:{ceph.Port}"), CephCluster.AccessKey, CephCluster.SecretKey), ceph, null);
    }
}

/// <summary>An S3 server for tests.</summary>
/// <param name="Address">The server; null when there is none.</param>
/// <param name="Ceph">The server, when it is our own.</param>
/// <param name="Missing">Why there is none.</param>
public sealed record FoundS3(S3Address? Address, CephCluster? Ceph, string? Missing);

/// <summary>An S3 server and who we are to it.</summary>
/// <param name="Endpoint">Its URL.</param>
/// <param name="AccessKey">Our name.</param>
/// <param name="SecretKey">Our key.</param>
public sealed record S3Address(Uri Endpoint, string AccessKey, string SecretKey)
{
    /// <summary>Reads a connection string.</summary>
    public static S3Address Parse(string connectionString)
    {
        var parts = new DbConnectionStringBuilder { ConnectionString = connectionString };
        return new S3Address(new Uri((string)parts["Endpoint"]), (string)parts["AccessKey"], (string)parts["SecretKey"]);
    }

    /// <summary>The connection string of a bucket.</summary>
    public string ConnectionString(string bucket) => $"Endpoint={Endpoint.GetLeftPart(UriPartial.Authority)};Bucket={bucket};AccessKey={AccessKey};SecretKey={SecretKey}";
}
