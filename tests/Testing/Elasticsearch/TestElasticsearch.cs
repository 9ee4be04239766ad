namespace Registry.Testing.Elasticsearch;

/// <summary>
/// The Elasticsearch of the tests: what <c>REGISTRY_TEST_ELASTICSEARCH</c> names, which is the URL of a running one, or a
/// distribution (a zip or an unpacked folder) that is started once per test process and stopped at its end.
/// </summary>
public static class TestElasticsearch
{
    private const string Variable = "REGISTRY_TEST_ELASTICSEARCH";

    private static readonly Lazy<Task<string>> Shared = new(StartSharedAsync);

    /// <summary>Why tests that need one are skipped.</summary>
    public const string Missing = $"No Elasticsearch: name a running one or a distribution (a zip or an unpacked folder) in {Variable}.";

    /// <summary>True when there is one to use.</summary>
    public static bool IsThere => Given is not null;

    /// <summary>True when tests can start servers of their own, to end them and to take their data away.</summary>
    public static bool IsDistribution => Given is { } given && !IsUrl(given);

    private static string? Given => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } value ? value : null;

    /// <summary>The URL of the server tests share; each uses a prefix of its own.</summary>
    public static Task<string> UrlAsync() => Given is { } given && IsUrl(given) ? Task.FromResult(given) : Shared.Value;

    /// <summary>A server of a test's own, which lets everybody in.</summary>
    public static Task<ElasticsearchServer> StartAsync() =>
        ElasticsearchServer.StartAsync(Given ?? throw new InvalidOperationException(Missing), null, null, []);

    /// <summary>A server of a test's own behind https, whose certificate an authority has issued for <c>localhost</c>.</summary>
    /// <param name="password">The password of the user <c>elastic</c>.</param>
    /// <param name="authority">The authority.</param>
    /// <param name="settings">Further lines of its configuration.</param>
    public static Task<ElasticsearchServer> StartSecuredAsync(string password, TestAuthority authority, params string[] settings) =>
        ElasticsearchServer.StartAsync(Given ?? throw new InvalidOperationException(Missing), password, authority, settings);

    private static bool IsUrl(string given) => given.StartsWith("http://", StringComparison.Ordinal) || given.StartsWith("https://", StringComparison.Ordinal);

    private static async Task<string> StartSharedAsync()
    {
        var server = await StartAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Task.Run(async () => await server.DisposeAsync()).GetAwaiter().GetResult();
        return server.Url;
    }
}
