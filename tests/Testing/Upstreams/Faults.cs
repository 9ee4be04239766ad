using System.Text;

using Microsoft.AspNetCore.Http;

namespace Registry.Testing.Upstreams;

/// <summary>The ways in which an upstream fails, for <see cref="NpmUpstream.Fault"/>.</summary>
public static class Faults
{
    private const int Promised = 32 * 1024; // within every limit: what is wrong is that it does not come
    private const int BeyondLimits = 1024 * 1024;

    /// <summary>Answers with nothing but a status.</summary>
    /// <param name="status">The status.</param>
    /// <param name="retryAfter">For how many seconds it wants to be left alone; null when it does not say.</param>
    public static Func<HttpContext, Task<bool>> Status(int status, int? retryAfter = null) => context =>
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null)
        {
            context.Response.Headers.RetryAfter = $"{retryAfter}";
        }

        return Task.FromResult(true);
    };

    /// <summary>Takes the question and never answers.</summary>
    public static async Task<bool> Hang(HttpContext context)
    {
        await UntilGoneAsync(context);
        return true;
    }

    /// <summary>Answers a few bytes a second.</summary>
    public static async Task<bool> Drip(HttpContext context)
    {
        context.Response.ContentLength = Promised;
        while (!context.RequestAborted.IsCancellationRequested)
        {
            await context.Response.Body.WriteAsync("{"u8.ToArray(), context.RequestAborted);
            await Task.Delay(TimeSpan.FromMilliseconds(100), context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return true;
    }

    /// <summary>Breaks off after some of the bytes it promised.</summary>
    public static async Task<bool> Truncate(HttpContext context)
    {
        context.Response.ContentLength = Promised;
        await context.Response.Body.WriteAsync("{\"name\":"u8.ToArray(), context.RequestAborted);
        context.Abort();
        return true;
    }

    /// <summary>Answers with a page for people, as a portal does that wants a password first.</summary>
    public static async Task<bool> Html(HttpContext context)
    {
        context.Response.ContentType = "text/html";
        await context.Response.WriteAsync("<!doctype html><p>Please sign in", context.RequestAborted);
        return true;
    }

    /// <summary>Redirects to itself.</summary>
    public static Task<bool> RedirectLoop(HttpContext context)
    {
        context.Response.Redirect(context.Request.Path);
        return Task.FromResult(true);
    }

    /// <summary>Answers with more than anybody wants.</summary>
    public static async Task<bool> Huge(HttpContext context)
    {
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"{{\"name\":\"{new string('x', BeyondLimits)}"), context.RequestAborted);
        return true;
    }

    /// <summary>Cuts the connection.</summary>
    public static Task<bool> Reset(HttpContext context)
    {
        context.Abort();
        return Task.FromResult(true);
    }

    /// <summary>Answers as always once the gate is open.</summary>
    public static Func<HttpContext, Task<bool>> Until(Task gate) => async _ =>
    {
        await gate;
        return false;
    };

    /// <summary>Fails for tarballs only.</summary>
    public static Func<HttpContext, Task<bool>> OfTarballs(Func<HttpContext, Task<bool>> fault) =>
        context => context.Request.Path.Value!.Contains("/-/", StringComparison.Ordinal) ? fault(context) : Task.FromResult(false);

    private static Task UntilGoneAsync(HttpContext context) =>
        Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
}
