using Microsoft.AspNetCore.Http.Features;

using Registry.Contracts.Http;
using Registry.Gateway.Mounts;
using Registry.Gateway.Proxying;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Assertions;

using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Registry.Gateway.Blobs;

/// <summary>
/// When PackageService has allowed a download and named its blob, streams the blob from StorageService under
/// PackageService's headers: bytes never pass through PackageService. A failure before the first byte is an error
/// answer; after it the connection is cut, so that nobody takes a part for the whole. What anybody may read and nobody signed in
/// asks for, the store may send itself (<c>Storage:S3:PresignedRedirects</c>).
/// </summary>
internal sealed partial class BlobHandOffMiddleware(
    RequestDelegate next,
    SharedBlobs shared,
    IHttpForwarder forwarder,
    IProxyStateLookup clusters,
    ReplicaHealth health,
    AssertionCodec codec,
    ILogger<BlobHandOffMiddleware> logger)
{
    private int _turn;

    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);
        if (context.Features.Get<BlobReference>() is not { } blob || context.Response.HasStarted)
        {
            return;
        }

        if (blob.Digest is null || !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)))
        {
            await FailAsync(context, 502, "invalid_blob", "A part of the registry answered with something unexpected");
            return;
        }

        if (await shared.TrySendAsync(context, blob.Hex!))
        {
            return;
        }

        var assertion = codec.SignService(ServiceNames.Gateway, ServiceNames.Storage);
        await SendAsync(context, new BlobTransformer(blob.Digest, assertion, IsForAnybody(context)));
    }

    /// <summary>A caller with a credential, even a refused one, is streamed to: a client may carry the credential along to where it is sent.</summary>
    private static bool IsForAnybody(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method)
        && GatewayRequest.Of(context).Caller.Credential == CredentialState.None
        && context.Response.GetTypedHeaders().CacheControl is { Public: true };

    private async Task SendAsync(HttpContext context, BlobTransformer transformer)
    {
        if (!clusters.TryGetCluster(ServiceNames.Storage, out var cluster) || cluster.DestinationsState.AvailableDestinations is not { Count: > 0 } replicas)
        {
            context.Response.Clear();
            await FailureMiddleware.UnavailableAsync(context);
            return;
        }

        context.Features.Set<IHttpRequestBodyDetectionFeature>(NoBody.Instance); // whatever came with the GET went to PackageService
        var error = await AskInTurnAsync(context, cluster.Model.HttpClient, replicas, transformer);
        if (error == ForwarderError.None && transformer.Refusal is { } status)
        {
            LogRefused(transformer.Digest, status);
            await (status == StatusCodes.Status404NotFound
                ? FailAsync(context, 502, "blob_missing", "The bytes of this file are missing from the registry's store")
                : FailAsync(context, 503, "storage_unavailable", "The registry's store cannot be read right now; try again in a moment"));
        }
    }

    /// <summary>One replica after the other while they break before the first byte; what PackageService said stays on the answer.</summary>
    private async Task<ForwarderError> AskInTurnAsync(
        HttpContext context, HttpMessageInvoker client, IReadOnlyList<DestinationState> replicas, BlobTransformer transformer)
    {
        var first = (uint)Interlocked.Increment(ref _turn);
        var said = context.Response.Headers.ToArray();
        for (var i = 0u; ; i++)
        {
            var replica = replicas[(int)((first + i) % (uint)replicas.Count)];
            var error = await forwarder.SendAsync(context, replica.Model.Config.Address, client, Clusters.Forwarding, transformer, context.RequestAborted);
            if (!ReplicaHealth.IsBroken(context))
            {
                return error;
            }

            health.Broke(ServiceNames.Storage, replica);
            if (i + 1 == replicas.Count || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
            {
                return error;
            }

            context.Response.Clear(); // of what the broken one said
            Array.ForEach(said, header => context.Response.Headers[header.Key] = header.Value);
            context.Features.Set<IForwarderErrorFeature>(null);
        }
    }

    private static Task FailAsync(HttpContext context, int status, string code, string message)
    {
        context.Response.Clear();
        context.Response.Headers.RetryAfter = "2";
        return RegistryProblem.WriteAsync(context, status, code, message);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "StorageService answered {Status} for the blob {Digest}.")]
    private partial void LogRefused(string digest, int status);

    private sealed class NoBody : IHttpRequestBodyDetectionFeature
    {
        public static NoBody Instance { get; } = new();

        public bool CanHaveBody => false;
    }
}
