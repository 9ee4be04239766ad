using System.Text.Json.Nodes;

using Registry.Testing.Ceph;
using Registry.Testing.Elasticsearch;

namespace Registry.EndToEnd.Tests.Running;

/// <summary>
/// How the registry under test is run: all in one process, or, with <c>REGISTRY_TEST_PROFILE=services</c>, every service as two processes
/// of its own, bytes in S3 and the index in Elasticsearch. The tests are the same: nothing but configuration separates a laptop from a cluster.
/// </summary>
internal static class Profile
{
    /// <summary>Services have processes of their own.</summary>
    public static bool IsServices { get; } = Environment.GetEnvironmentVariable("REGISTRY_TEST_PROFILE") switch
    {
        null or "" => false,
        "services" => true,
        { } other => throw new InvalidOperationException($"REGISTRY_TEST_PROFILE is '{other}': it must be services, or not set."),
    };

    /// <summary>Adds what the profile configures: a registry's options, and where its bytes and its index are.</summary>
    /// <exception cref="InvalidOperationException">The profile needs a server that is not to be had.</exception>
    public static async Task ApplyAsync(JsonObject options, Dictionary<string, string> environment)
    {
        if (!IsServices)
        {
            return;
        }

        var name = $"e2e-{Guid.CreateVersion7():n}";
        var s3 = await TestS3.FindAsync();
        options["Services"] = true;
        options["Replicas"] = 2;

        // Eleven processes that compile again what they call often, in the half minute after they start, starve the registry that starts next.
        environment["DOTNET_TieredPGO"] = "0";
        environment["DOTNET_TC_CallCounting"] = "0";
        environment["ConnectionStrings__s3"] = s3.Address?.ConnectionString(name) ?? throw new InvalidOperationException(s3.Missing);
        environment.TryAdd("Search__Elasticsearch__Prefix", name);
        if (!environment.ContainsKey("ConnectionStrings__elasticsearch"))
        {
            environment["ConnectionStrings__elasticsearch"] =
                TestElasticsearch.IsThere ? await TestElasticsearch.UrlAsync() : throw new InvalidOperationException(TestElasticsearch.Missing);
        }
    }
}
