using System.Text.Json;

namespace Registry.Upstreams.Configuration;

/// <summary>Reads one entry of <c>registries</c>.</summary>
internal static class EntryReader
{
    private static readonly string[] Keys =
    [
        "name", "type", "url", "priority", "enabled", "auth", "timeoutSeconds", "proxy", "maxConnections", "maxDocumentBytes",
        "maxTarballBytes", "cache", "allow", "block", "tarballHosts",
    ];
    private static readonly Uri Nowhere = new("https://nowhere.invalid/"); // in the place of a URL that is missing or wrong, which is noted

    /// <summary>Reads it.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="name">Its name.</param>
    /// <param name="known">The registry of that name there is already; then only what the entry says changes.</param>
    /// <returns>Null when it cannot be used; why is noted.</returns>
    public static RegistryConfig? Read(JsonNodeAt entry, string name, RegistryConfig? known)
    {
        entry.AllowOnly(Keys);
        var config = known ?? new RegistryConfig { Name = name, Type = default, Url = Nowhere };
        var type = entry.Text("type") is { } word ? TypeOf(entry, word) : Given(entry, "type", known?.Type);
        var url = entry.Text("url") is { } text ? UrlOf(entry, "url", text) : Given(entry, "url", known?.Url);
        config = WithPolicy(entry, WithSettings(entry, config with { Type = type ?? config.Type, Url = url ?? config.Url }));
        return Checked(entry, config) && type is not null && url is not null ? config : null;
    }

    /// <summary>Reads one that somebody sends who may not know what it holds: what is secret goes to no other server than it was given for.</summary>
    /// <inheritdoc cref="Read"/>
    public static RegistryConfig? ReadAlone(JsonNodeAt entry, string name, RegistryConfig? known)
    {
        var config = Read(entry, name, known);
        if (config is not null && known is not null && known.Auth != RegistryAuth.None && entry.Child("auth") is null && SeesSecret(config, known) is { } key)
        {
            entry.Add("auth", $"must be given again, or be null, when {key} names another server");
        }

        return config;
    }

    /// <summary>The key that names a server the secret was not given for: a proxy sees it where the way to the registry is not encrypted.</summary>
    private static string? SeesSecret(RegistryConfig config, RegistryConfig known) =>
        !IsSameServer(config.Url, known.Url) ? "url"
        : config.Url.Scheme == Uri.UriSchemeHttp && config.Proxy is not null && config.Proxy != known.Proxy ? "proxy"
        : null;

    private static bool IsSameServer(Uri one, Uri other) =>
        Uri.Compare(one, other, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static RegistryConfig WithSettings(JsonNodeAt entry, RegistryConfig config) =>
        config with
        {
            Priority = entry.Number("priority", 0, int.MaxValue) ?? config.Priority,
            Enabled = entry.Flag("enabled") ?? config.Enabled,
            Auth = entry.Child("auth") is { } auth ? AuthOf(auth) : config.Auth,
            Timeout = entry.Number("timeoutSeconds", 1, 600) is { } seconds ? TimeSpan.FromSeconds(seconds) : config.Timeout,
            Proxy = entry.IsNull("proxy") ? null : entry.Text("proxy") is { } proxy ? UrlOf(entry, "proxy", proxy) : config.Proxy,
            MaxConnections = entry.Number("maxConnections", 1, 1000) ?? config.MaxConnections,
            MaxDocumentBytes = entry.Number("maxDocumentBytes", 1024, int.MaxValue) ?? config.MaxDocumentBytes,
            MaxTarballBytes = entry.LongNumber("maxTarballBytes", 1024, long.MaxValue) ?? config.MaxTarballBytes,
        };

    private static RegistryConfig WithPolicy(JsonNodeAt entry, RegistryConfig config) =>
        config with
        {
            Cache = entry.Child("cache") is { } cache ? PolicyReader.CacheOf(cache, config.Cache) : config.Cache,
            Rules = PolicyReader.RulesOf(entry, config.Rules),
            TarballHosts = entry.IsNull("tarballHosts") ? null : PolicyReader.TextsOf(entry, "tarballHosts") ?? config.TarballHosts,
        };

    private static T? Given<T>(JsonNodeAt entry, string key, T? known)
    {
        if (known is null && entry.Child(key) is null)
        {
            entry.Add(key, "is missing");
        }

        return known;
    }

    private static RegistryType? TypeOf(JsonNodeAt entry, string word)
    {
        if (Enum.TryParse<RegistryType>(word, ignoreCase: true, out var type) && char.IsAsciiLetter(word[0]))
        {
            return type;
        }

        entry.Add("type", $"'{word}' is not known; known are {string.Join(", ", Enum.GetNames<RegistryType>().Select(static name => name.ToLowerInvariant()))}");
        return null;
    }

    private static Uri? UrlOf(JsonNodeAt entry, string key, string text)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps))
        {
            return url;
        }

        entry.Add(key, "must be a URL that begins with http:// or https://");
        return null;
    }

    private static bool Checked(JsonNodeAt entry, RegistryConfig config)
    {
        var problems = RegistryConfigRules.ProblemsOf(config).ToList();
        foreach (var (key, message) in problems)
        {
            entry.Add(key, message);
        }

        return problems.Count == 0;
    }

    private static RegistryAuth AuthOf(JsonNodeAt auth)
    {
        if (auth.Value.ValueKind == JsonValueKind.Null)
        {
            return RegistryAuth.None;
        }

        return auth.RequiredText("type") switch
        {
            "none" => With(auth, [], static _ => RegistryAuth.None),
            "bearer" => With(auth, ["token"], static texts => new RegistryAuth.Bearer(texts[0])),
            "oidc" => With(auth, ["token"], static texts => new RegistryAuth.Oidc(texts[0])),
            "basic" => With(auth, ["username", "password"], static texts => new RegistryAuth.Basic(texts[0], texts[1])),
            "custom" => With(auth, ["name", "value"], static texts => new RegistryAuth.Custom(texts[0], texts[1])),
            null => RegistryAuth.None,
            var other => Unknown(auth, other),
        };
    }

    private static RegistryAuth With(JsonNodeAt auth, string[] keys, Func<string[], RegistryAuth> make)
    {
        auth.AllowOnly(["type", .. keys]);
        var texts = keys.Select(auth.RequiredText).OfType<string>().ToArray();
        return texts.Length == keys.Length ? make(texts) : RegistryAuth.None; // what is missing is noted, so this is never used
    }

    private static RegistryAuth Unknown(JsonNodeAt auth, string type)
    {
        auth.Add("type", $"'{type}' is not known; known are bearer, basic, oidc, custom, none");
        return RegistryAuth.None;
    }
}
