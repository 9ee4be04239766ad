namespace Registry.Gateway.Mounts;

/// <summary>
/// The URL a client reaches a mount under, which prefixes every absolute link in an answer (npm protocol 1.1):
/// configured, else as trusted proxies say, else as <c>Host</c> says.
/// </summary>
internal sealed class PublicUrls(TrustedProxies proxies)
{
    private const int MaxPrefixLength = 200;

    /// <summary>The public URL and whether it is one of ours; null when a host name in the request is malformed.</summary>
    public (string Url, bool IsCanonical)? Find(HttpContext context, Listener listener, MountMatch match)
    {
        if (match.Mount.PublicUrl is { } own)
        {
            return (own.Replace(Mount.RepositorySegment, match.Repository, StringComparison.Ordinal), true);
        }

        if (listener.PublicUrl is { } configured)
        {
            return (configured + match.Path, true);
        }

        var scheme = proxies.Said(context, "X-Forwarded-Proto")?.ToLowerInvariant() is "https" ? "https" : context.Request.Scheme;
        var prefix = proxies.Said(context, "X-Forwarded-Prefix")?.TrimEnd('/') ?? "";
        var host = proxies.Said(context, "X-Forwarded-Host") ?? HostOf(context, listener);
        if (HostName.Parse(host) is not { } parsed || !IsPrefix(prefix))
        {
            return null;
        }

        var url = $"{scheme}://{parsed.Authority(scheme)}{prefix}{match.Path}";
        return (url, prefix.Length == 0 && scheme == context.Request.Scheme && LeadsHere(context, listener, parsed));
    }

    private static bool LeadsHere(HttpContext context, Listener listener, HostName host) =>
        (host.Port ?? HostName.DefaultPort(context.Request.Scheme)) == context.Connection.LocalPort && listener.Hosts.Contains(host.Name);

    // HTTP/1.0 knows no Host: the address the connection came in on is what the client used.
    private static string HostOf(HttpContext context, Listener listener) =>
        context.Request.Headers.Host.ToString() is { Length: > 0 } host ? host : $"{listener.Hosts.Order(StringComparer.Ordinal).First()}:{context.Connection.LocalPort}";

    private static bool IsPrefix(string prefix) =>
        prefix.Length == 0
        || (prefix.Length <= MaxPrefixLength && prefix[0] == '/'
            && prefix.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or '.' or '~'));
}
