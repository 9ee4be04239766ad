using System.Net;

using Amazon.Runtime;
using Amazon.S3;

using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Registry.StorageService.Blobs.S3;

/// <summary>
/// Every request to S3 goes through here: bounded in time, repeated when the failure may pass, and its failure turned into
/// <see cref="BlobStoreException"/>. What a request expects, such as an absent object, it catches itself.
/// </summary>
internal sealed class S3Calls(IAmazonS3 client, S3Limits limits)
{
    private readonly ResiliencePipeline _quick = Pipeline(limits.Quick, limits.QuickAttempts, limits.BackOff);
    private readonly ResiliencePipeline _transfer = Pipeline(limits.Transfer, limits.TransferAttempts, limits.BackOff);
    private readonly ResiliencePipeline _copy = Pipeline(limits.Copy, limits.TransferAttempts, limits.BackOff);
    private readonly ResiliencePipeline _once = Pipeline(limits.Quick, 1, limits.BackOff);

    /// <summary>A small request that may be repeated.</summary>
    public Task<T> QuickAsync<T>(Func<IAmazonS3, CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        RunAsync(_quick, call, cancellationToken);

    /// <summary>A request with bytes of a blob, which may be repeated.</summary>
    public Task<T> TransferAsync<T>(Func<IAmazonS3, CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        RunAsync(_transfer, call, cancellationToken);

    /// <summary>A copy within S3, which may be repeated.</summary>
    public Task<T> CopyAsync<T>(Func<IAmazonS3, CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        RunAsync(_copy, call, cancellationToken);

    /// <summary>A small request that is never sent twice.</summary>
    public Task<T> OnceAsync<T>(Func<IAmazonS3, CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        RunAsync(_once, call, cancellationToken);

    /// <summary>True for whatever the SDK and the network report; not for a cancelled token.</summary>
    public static bool IsFailure(Exception failure) =>
        failure is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or TimeoutRejectedException or TimeoutException;

    private static ResiliencePipeline Pipeline(TimeSpan attempt, int attempts, TimeSpan backOff)
    {
        var pipeline = new ResiliencePipelineBuilder();
        if (attempts > 1)
        {
            pipeline.AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = attempts - 1,
                Delay = backOff,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = static tried => ValueTask.FromResult(tried.Outcome.Exception is { } failure && MayPass(failure)),
            });
        }

        return pipeline.AddTimeout(attempt).Build();
    }

    private static bool MayPass(Exception failure) =>
        failure switch
        {
            AmazonServiceException { StatusCode: >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests } refused => !BlobStoreException.IsFullS3(refused),
            AmazonServiceException { ErrorCode: "RequestTimeout" or "SlowDown" or "OperationAborted" } => true,
            AmazonServiceException { StatusCode: 0 } => true, // nothing was answered

            // Without a code of S3's own it is the server's HTTP that took the rest of a refused upload for this request.
            AmazonServiceException { StatusCode: HttpStatusCode.BadRequest, ErrorCode: nameof(HttpStatusCode.BadRequest) } => true,
            AmazonServiceException => false,
            _ => IsFailure(failure),
        };

    private async Task<T> RunAsync<T>(ResiliencePipeline pipeline, Func<IAmazonS3, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await pipeline.ExecuteAsync(
                static async (state, token) => await state.Call(state.Client, token), (Call: call, Client: client), cancellationToken);
        }
        catch (Exception failure) when (IsFailure(failure))
        {
            cancellationToken.ThrowIfCancellationRequested(); // what the caller gave up is not a failure of the store
            throw BlobStoreException.FromS3(failure);
        }
        catch (OperationCanceledException unasked) when (!cancellationToken.IsCancellationRequested)
        {
            throw BlobStoreException.FromS3(unasked); // a time limit of the SDK's or of the connection's
        }
    }
}
