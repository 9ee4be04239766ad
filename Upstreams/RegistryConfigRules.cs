namespace Registry.Upstreams;

/// <summary>What a registry's configuration has to be, wherever it comes from.</summary>
internal static class RegistryConfigRules
{
    /// <summary>What is wrong, by key.</summary>
    public static IEnumerable<(string Key, string Message)> ProblemsOf(RegistryConfig config)
    {
        if (!IsName(config.Name))
        {
            yield return ("name", "must be letters, digits, '.', '-' and '_', at most 64");
        }

        if (ProblemOf(config.Url) is { } url)
        {
            yield return ("url", url);
        }

        if (!Enum.IsDefined(config.Type))
        {
            yield return ("type", "must be one that is known");
        }

        if (config.Proxy is { } proxy && !(proxy.IsAbsoluteUri && proxy.Scheme == Uri.UriSchemeHttp))
        {
            yield return ("proxy", "must be a URL that begins with http://");
        }

        if (ProblemOfLimits(config) is { } limit)
        {
            yield return limit;
        }

        if (ProblemOf(config.Auth) is { } auth)
        {
            yield return auth;
        }

        foreach (var problem in PolicyRules.ProblemsOf(config))
        {
            yield return problem;
        }
    }

    /// <exception cref="ArgumentException">Something is wrong.</exception>
    public static void Check(RegistryConfig config)
    {
        if (ProblemsOf(config).Select(static problem => $"{problem.Key} {problem.Message}").ToList() is { Count: > 0 } problems)
        {
            throw new ArgumentException($"The registry '{config.Name}' cannot be used: {string.Join("; ", problems)}.", nameof(config));
        }
    }

    private static (string Key, string Message)? ProblemOfLimits(RegistryConfig config) =>
        config.Timeout <= TimeSpan.Zero || config.Timeout > TimeSpan.FromHours(1) ? ("timeoutSeconds", "must be more than nothing and at most an hour")
        : config.MaxConnections < 1 ? ("maxConnections", "must be at least 1")
        : config.MaxDocumentBytes < 1 ? ("maxDocumentBytes", "must be at least 1")
        : config.MaxTarballBytes < 1 ? ("maxTarballBytes", "must be at least 1")
        : null;

    private static string? ProblemOf(Uri url) =>
        !url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps) ? "must be a URL that begins with http:// or https://"
        : url.UserInfo.Length > 0 ? "must not hold a user or password: put them into auth"
        : url.Query.Length > 0 || url.Fragment.Length > 0 ? "must end before '?' and '#'"
        : null;

    private static (string Key, string Message)? ProblemOf(RegistryAuth auth) =>
        auth switch
        {
            RegistryAuth.Custom { Name: var name } when !IsHeader(name) => ("auth.name", "must be the name of a request's header"),
            RegistryAuth.Custom { Value: var value } when !value.All(static letter => letter is >= ' ' and <= '~') => ("auth.value", "must be one line of ASCII"),
            RegistryAuth.Bearer { Token: var token } when !IsWord(token) => ("auth.token", "must be one word of ASCII"),
            RegistryAuth.Oidc { Token: var token } when !IsWord(token) => ("auth.token", "must be one word of ASCII"),
            _ => null,
        };

    private static bool IsWord(string token) => token.All(static letter => letter is > ' ' and <= '~');

    private static bool IsHeader(string name) =>
        name.Length > 0 && name.All(IsHeaderLetter) && !name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) && !name.Equals("Host", StringComparison.OrdinalIgnoreCase);

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 64 && name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_');

    // RFC 9110, 5.6.2: token
    private static bool IsHeaderLetter(char letter) => char.IsAsciiLetterOrDigit(letter) || "!#$%&'*+-.^_`|~".Contains(letter, StringComparison.Ordinal);
}
