using System.Net.Sockets;

using Microsoft.Extensions.Configuration;

using Registry.ServiceDefaults.Tls;

namespace Registry.ServiceDefaults.Clients;

/// <summary>Connections to the servers and services of this installation.</summary>
public static class Connections
{
    /// <summary>
    /// A handler that goes to the named server only (no proxy, no redirect, no cookie), trusts the operator's certificate
    /// authorities too and follows a name whose address changes.
    /// </summary>
    /// <param name="configuration">Where <see cref="PrivateCa.Setting"/> is looked up.</param>
    /// <param name="connectTimeout">How long connecting may take; 5 s when not given.</param>
    /// <exception cref="InvalidOperationException">The file of authorities cannot be read.</exception>
    public static HttpMessageHandler NewHandler(IConfiguration configuration, TimeSpan? connectTimeout = null) =>
        new ResetOnConnectHandler
        {
            InnerHandler = NewSockets(PrivateCa.Load(configuration[PrivateCa.Setting]), connectTimeout ?? TimeSpan.FromSeconds(5)),
        };

    private static SocketsHttpHandler NewSockets(PrivateCa? authorities, TimeSpan connectTimeout)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = connectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
        };
        authorities?.Configure(handler);
        return handler;
    }
}

/// <summary>
/// A connection that is reset in the moment it is made leaves <see cref="SocketsHttpHandler"/> as a bare <see cref="SocketException"/>,
/// which nobody who calls <see cref="HttpClient"/> expects. Nothing of the request was sent: it is a failure to connect.
/// </summary>
public sealed class ResetOnConnectHandler : DelegatingHandler
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (SocketException reset)
        {
            throw new HttpRequestException(HttpRequestError.ConnectionError, "The connection was reset as soon as it was made.", reset);
        }
    }
}
