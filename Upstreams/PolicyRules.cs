using System.Globalization;

namespace Registry.Upstreams;

/// <summary>What has to be true of what a configuration says about keeping, packages and hosts.</summary>
internal static class PolicyRules
{
    /// <summary>The longest time that can be set, in seconds: a year.</summary>
    public const int MostSeconds = 31_536_000;

    private const int LongestPattern = 300;

    /// <summary>What is wrong, by key.</summary>
    public static IEnumerable<(string Key, string Message)> ProblemsOf(RegistryConfig config) =>
        [
            .. TimesOf(config.Cache).Where(static time => time.Value < TimeSpan.Zero || time.Value > TimeSpan.FromSeconds(MostSeconds))
                .Select(static time => ($"cache.{time.Key}", "must be from nothing to a year")),
            .. ProblemsOf("allow", config.Rules.Allow, static rule => IsPattern(rule.Pattern), "must be a pattern such as name, @scope/* or name@1.*, without spaces and at most 300 letters"),
            .. ProblemsOf("block", config.Rules.Block, static rule => IsPattern(rule.Pattern), "must be a pattern such as name, @scope/* or name@1.*, without spaces and at most 300 letters"),
            .. ProblemsOf("tarballHosts", config.TarballHosts ?? [], IsHost, "must be the name of a host such as example.test or *.example.test"),
        ];

    /// <summary>The times of a cache, by their keys.</summary>
    public static IEnumerable<(string Key, TimeSpan Value)> TimesOf(RegistryCache cache) =>
        [
            ("maxAgeSeconds", cache.MaxAge), ("staleWhileRevalidateSeconds", cache.StaleWhileRevalidate),
            ("staleIfErrorSeconds", cache.StaleIfError), ("notFoundSeconds", cache.NotFoundMaxAge),
        ];

    private static IEnumerable<(string Key, string Message)> ProblemsOf<T>(string key, IReadOnlyList<T> list, Func<T, bool> isGood, string message) =>
        list.Index().Where(entry => !isGood(entry.Item)).Select(entry => (string.Create(CultureInfo.InvariantCulture, $"{key}[{entry.Index}]"), message));

    private static bool IsPattern(string pattern) =>
        pattern.Length is > 0 and <= LongestPattern && pattern is not [_, .., '@'] && !pattern.Any(static letter => char.IsWhiteSpace(letter) || char.IsControl(letter));

    private static bool IsHost(string host) =>
        host.All(char.IsAscii)
        && (host.StartsWith("*.", StringComparison.Ordinal) ? Uri.CheckHostName(host[2..]) == UriHostNameType.Dns : Uri.CheckHostName(host) != UriHostNameType.Unknown);
}
