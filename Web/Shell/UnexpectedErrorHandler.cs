using Microsoft.AspNetCore.Diagnostics;

namespace Registry.Web.Shell;

/// <summary>A mistake of ours is a page too, never a stack trace. The trace id lets an operator find the log of it.</summary>
internal sealed partial class UnexpectedErrorHandler(ILogger<UnexpectedErrorHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is BadHttpRequestException || httpContext.RequestAborted.IsCancellationRequested)
        {
            return false;
        }

        LogFailure(httpContext.Request.Path, exception);
        var trace = System.Diagnostics.Activity.Current?.TraceId.ToHexString() ?? httpContext.TraceIdentifier;
        await Page.Show<NoticePage>(
            new { Title = "Something went wrong", Sentence = "This page could not be made.", Hint = $"If it stays like this, tell an administrator the number {trace}." },
            StatusCodes.Status500InternalServerError).ExecuteAsync(httpContext);
        return true;
    }

    [LoggerMessage(LogLevel.Error, "The page {Path} could not be made")]
    private partial void LogFailure(string path, Exception failure);
}
