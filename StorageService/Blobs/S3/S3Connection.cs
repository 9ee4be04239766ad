using Amazon.Runtime;
using Amazon.S3;

using Registry.ServiceDefaults.Clients;
using Registry.ServiceDefaults.Tls;

namespace Registry.StorageService.Blobs.S3;

/// <summary>The SDK's client for one S3 store, and the connections behind it.</summary>
internal sealed class S3Connection : IDisposable
{
    private readonly ResetOnConnectHandler _handler;
    private readonly HttpClient _http;

    private S3Connection(S3Settings settings, S3Limits limits, PrivateCa? authorities)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = limits.Connect,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), // follows a name whose address changes
            UseCookies = false,
        };
        authorities?.Configure(handler);
        _handler = new ResetOnConnectHandler { InnerHandler = handler };
        _http = new HttpClient(_handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan }; // the SDK wants one; S3Calls bounds each request
        Client = Create(settings, new OwnConnections(_http));
    }

    /// <summary>The client.</summary>
    public IAmazonS3 Client { get; }

    /// <summary>Makes a client; nothing is connected yet.</summary>
    public static S3Connection Open(S3Settings settings, S3Limits limits, PrivateCa? authorities) => new(settings, limits, authorities);

    public void Dispose()
    {
        Client.Dispose();
        _http.Dispose();
        _handler.Dispose();
    }

    private static AmazonS3Client Create(S3Settings settings, HttpClientFactory connections)
    {
        var config = new AmazonS3Config
        {
            ServiceURL = settings.Endpoint.GetLeftPart(UriPartial.Authority),
            AuthenticationRegion = settings.Region,
            ForcePathStyle = true, // a bucket is seldom a host name of its own outside AWS
            HttpClientFactory = connections,
            MaxErrorRetry = 0, // S3Calls repeats, and knows what may be repeated
            Timeout = Timeout.InfiniteTimeSpan, // as above

            // The SDK's own checksums come as trailers that other servers refuse; ours is the blob's key.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        return settings is { AccessKey: { } key, SecretKey: { } secret }
            ? new AmazonS3Client(new BasicAWSCredentials(key, secret), config)
            : new AmazonS3Client(config);
    }

    private sealed class OwnConnections(HttpClient http) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => http;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }
}
