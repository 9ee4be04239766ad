using Microsoft.Net.Http.Headers;

using Registry.Contracts.Http;
using Registry.Gateway.Mounts;
using Registry.Messaging.Changes;

namespace Registry.Gateway.Caching;

/// <summary>
/// Answers reads of public packuments and small tarballs from memory, and fills it. Memory is used only while it is known to be at most two
/// seconds behind: otherwise requests go to the service as if there were none.
/// </summary>
internal sealed class AnswerMemoryMiddleware(RequestDelegate next, AnswerMemory memory, ChangesFollower changes)
{
    private static readonly TimeSpan AtMostBehind = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WaitAtMost = TimeSpan.FromSeconds(10);

    public Task InvokeAsync(HttpContext context)
    {
        var request = GatewayRequest.Of(context);
        if (!changes.IsConfirmedWithin(AtMostBehind)
            || AnswerKey.Of(context, request) is not { } key
            || (WantsLatest(context.Request) && memory.Peek(key) is not { IsFromUpstream: false })) // what is of ours is the latest
        {
            return next(context);
        }

        // With a credential the document may be one that only some may read, and then its 304 must come from the service.
        var isAnonymous = request.Caller.Credential == CredentialState.None;
        return isAnonymous || !context.Request.Headers.ContainsKey(HeaderNames.IfNoneMatch)
            ? AnswerOrFillAsync(context, key, isAnonymous)
            : memory.Peek(key)?.WriteAsync(context) ?? next(context);
    }

    private static bool WantsLatest(HttpRequest request) =>
        request.Headers.CacheControl is { Count: > 0 } && request.GetTypedHeaders().CacheControl is { NoCache: true };

    private async Task AnswerOrFillAsync(HttpContext context, AnswerKey key, bool isAnonymous)
    {
        var lookup = memory.Find(key);
        if (lookup.Fill is { } fill)
        {
            await FillAsync(context, new AnswerFill(fill, key, memory, dropsConditions: isAnonymous));
        }
        else if ((lookup.Found ?? await OfAnotherAsync(lookup.Running!, context.RequestAborted)) is { } answer)
        {
            await answer.WriteAsync(context);
        }
        else
        {
            await next(context);
        }
    }

    private async Task FillAsync(HttpContext context, AnswerFill fill)
    {
        using (fill)
        {
            context.Features.Set(fill);
            await next(context);
            if (fill.Answer is { } answer)
            {
                await answer.WriteAsync(context);
            }
        }
    }

    /// <summary>The answer another request fetches, or null when it is not for others or takes long: then each goes by itself.</summary>
    private static async Task<KeptAnswer?> OfAnotherAsync(Task<KeptAnswer?> running, CancellationToken cancellationToken)
    {
        try
        {
            return await running.WaitAsync(WaitAtMost, cancellationToken);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}
