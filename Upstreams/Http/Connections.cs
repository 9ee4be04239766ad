using System.Net;

namespace Registry.Upstreams.Http;

/// <summary>Connections to registries.</summary>
internal static class Connections
{
    /// <summary>A handler that decompresses, and leaves redirects and cookies alone.</summary>
    public static HttpMessageHandler To(RegistryConfig config) =>
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = config.Timeout,
            MaxConnectionsPerServer = config.MaxConnections,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), // a name whose address changes is followed
            MaxResponseHeadersLength = 64,
            Proxy = config.Proxy is { } proxy ? ProxyAt(proxy) : null, // null and UseProxy: the environment's
            UseProxy = true,
        };

    private static WebProxy ProxyAt(Uri proxy) =>
        new(new UriBuilder(proxy) { UserName = "", Password = "" }.Uri) // or failures would tell the password
        {
            Credentials = proxy.UserInfo.Split(':', 2) is [{ Length: > 0 } user, var password]
                ? new NetworkCredential(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password))
                : null,
        };
}
