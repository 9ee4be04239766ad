using Microsoft.AspNetCore.Diagnostics;

using Registry.ServiceDefaults;

namespace Registry.StorageService.Blobs;

/// <summary>A store that cannot be used is 507 when it is full and 503 otherwise, in the body every client understands.</summary>
internal sealed partial class BlobStoreFailureHandler(ILogger<BlobStoreFailureHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not BlobStoreException failure)
        {
            return false;
        }

        LogFailure(failure.Message, failure);
        var (status, code) = failure.IsFull
            ? (StatusCodes.Status507InsufficientStorage, "storage_full")
            : (StatusCodes.Status503ServiceUnavailable, "storage_unavailable");
        await RegistryProblem.WriteAsync(httpContext, status, code, failure.Message);
        return true;
    }

    [LoggerMessage(LogLevel.Error, "{Sentence}")]
    private partial void LogFailure(string sentence, Exception failure);
}
