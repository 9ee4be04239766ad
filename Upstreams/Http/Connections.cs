using System.Net;

namespace Registry.Upstreams.Http;

/// <summary>Connections to registries.</summary>
internal static class Connections
{
    /// <summary>A handler that decompresses, and leaves redirects and cookies alone.</summary>
    public static SocketsHttpHandler To(RegistryConfig config) =>
        new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = config.Timeout,
            MaxConnectionsPerServer = config.MaxConnections,
            EnableMultipleHttp2Connections = true,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), // a name whose address changes is followed
            MaxResponseHeadersLength = 64,
            Proxy = config.Proxy is { } proxy ? ProxyAt(proxy) : null, // null and UseProxy: the environment's
            UseProxy = true,
            SslOptions = { CertificateChainPolicy = JudgedConnections.Certificates },
        };

    /// <summary>The same for hosts that are not the registry's own.</summary>
    public static SocketsHttpHandler Elsewhere(RegistryConfig config)
    {
        var handler = To(config);
        var proxy = handler.Proxy ?? HttpClient.DefaultProxy;
        handler.ConnectCallback = new ForeignConnections(config, url => !proxy.IsBypassed(url) && proxy.GetProxy(url) is { } via && via != url).ConnectAsync;
        return handler;
    }

    private static WebProxy ProxyAt(Uri proxy) =>
        new(new UriBuilder(proxy) { UserName = "", Password = "" }.Uri) // or failures would tell the password
        {
            Credentials = proxy.UserInfo.Split(':', 2) is [{ Length: > 0 } user, var password]
                ? new NetworkCredential(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password))
                : null,
        };
}
