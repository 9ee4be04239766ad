using System.Text.Json;

namespace Registry.Upstreams.Configuration;

/// <summary>Reads what an entry says about keeping, packages and hosts.</summary>
internal static class PolicyReader
{
    private const string Wrong = "*"; // in the place of one that is wrong, which is noted: the others keep their numbers

    public static RegistryCache CacheOf(JsonNodeAt cache, RegistryCache known)
    {
        if (!cache.IsObject())
        {
            return known;
        }

        cache.AllowOnly([.. PolicyRules.TimesOf(known).Select(static time => time.Key)]);
        return new RegistryCache
        {
            MaxAge = TimeOf(cache, "maxAgeSeconds") ?? known.MaxAge,
            StaleWhileRevalidate = TimeOf(cache, "staleWhileRevalidateSeconds") ?? known.StaleWhileRevalidate,
            StaleIfError = TimeOf(cache, "staleIfErrorSeconds") ?? known.StaleIfError,
            NotFoundMaxAge = TimeOf(cache, "notFoundSeconds") ?? known.NotFoundMaxAge,
        };
    }

    public static PackageRules RulesOf(JsonNodeAt entry, PackageRules known) =>
        new()
        {
            Allow = TextsOf(entry, "allow") is { } allow ? [.. allow.Select(static pattern => new PackageRule(pattern))] : known.Allow,
            Block = entry.Child("block") is { } block ? [.. block.Items("texts, or of objects with package and reason").Select(RuleOf)] : known.Block,
        };

    /// <summary>A list of texts; null when it is absent.</summary>
    public static IReadOnlyList<string>? TextsOf(JsonNodeAt entry, string key) =>
        entry.Child(key) is { } list ? [.. list.Items("texts").Select(static item => item.Text() ?? Wrong)] : null;

    private static PackageRule RuleOf(JsonNodeAt item)
    {
        if (item.Value.ValueKind != JsonValueKind.Object)
        {
            return new PackageRule(item.Text() ?? Wrong);
        }

        item.AllowOnly("package", "reason");
        return new PackageRule(item.RequiredText("package") ?? Wrong, item.IsNull("reason") ? null : item.Text("reason"));
    }

    private static TimeSpan? TimeOf(JsonNodeAt cache, string key) =>
        cache.Number(key, 0, PolicyRules.MostSeconds) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
}
