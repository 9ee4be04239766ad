using System.Text.Json.Nodes;

namespace Registry.EndToEnd.Tests.Running;

/// <summary>
/// How the registry under test is run: all in one process, or, with <c>REGISTRY_TEST_PROFILE=services</c>, every service as two processes
/// of its own. The tests are the same: nothing but configuration separates a laptop from a cluster.
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

    /// <summary>Adds what the profile configures to a registry's options.</summary>
    public static void Apply(JsonObject options)
    {
        if (IsServices)
        {
            options["Services"] = true;
            options["Replicas"] = 2;
        }
    }
}
