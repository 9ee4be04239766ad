using Registry.Contracts.Http;
using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults.Access;

namespace Registry.SearchService.Features.Search;

/// <summary>
/// <c>?explain=1</c> on a search: sends not the answer but how it came about, in the form in which PackageService explains its reads. For
/// administrators, since it tells of what others may not see.
/// </summary>
internal sealed class ExplainFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (http.Request.Query["explain"] != "1" || !HttpMethods.IsGet(http.Request.Method))
        {
            return await next(context);
        }

        var caller = http.GetCaller();
        if (ExplainRights.Refuse(caller) is { } refusal)
        {
            return refusal;
        }

        var result = await next(context);
        http.Response.Headers.CacheControl = "no-store";
        return http.Features.Get<SearchAnswer>() is { } answer
            ? TypedResults.Ok(new ExplainResponse(ExplainedMount.Of(http.GetMount()), caller.UserName!, answer.Steps, ExplainedAnswer.Of(answer)))
            : result;
    }
}

/// <summary>How the answer to a search came about.</summary>
/// <param name="Mount">The mount the request belongs to.</param>
/// <param name="Caller">Who asks.</param>
/// <param name="Steps">What was looked at, in order.</param>
/// <param name="Answer">What the answer would have been.</param>
internal sealed record ExplainResponse(ExplainedMount Mount, string Caller, IReadOnlyList<ExplainedStep> Steps, ExplainedAnswer Answer);

/// <summary>The mount a request belongs to.</summary>
internal sealed record ExplainedMount(string Name, string Dialect, string Repository, string PublicUrl, bool UsesUpstreams)
{
    public static ExplainedMount Of(MountContext mount) => new(mount.Name, mount.Dialect, mount.Repository, mount.PublicUrl, mount.UsesUpstreams);
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Source">The index, or an upstream.</param>
/// <param name="Outcome">What it said.</param>
/// <param name="Cache">Where that came from: <c>fresh</c> when it was kept, <c>fetched</c>.</param>
/// <param name="Detail">The engine, how much was found, or the failure.</param>
/// <param name="Milliseconds">How long it took.</param>
internal sealed record ExplainedStep(string Source, string Outcome, string? Cache, string? Detail, double? Milliseconds)
{
    public static ExplainedStep Of(UpstreamSearchQuestion question) =>
        new(question.Upstream, question.Outcome, question.Cache, question.Detail, question.Milliseconds);
}

/// <summary>An answer that was not sent.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Total">All matches.</param>
/// <param name="Results">Those on the page.</param>
/// <param name="Partial">An upstream did not answer.</param>
internal sealed record ExplainedAnswer(int Status, long Total, int Results, bool Partial)
{
    public static ExplainedAnswer Of(SearchAnswer answer) => new(StatusCodes.Status200OK, answer.Total, answer.Packages.Count, answer.Partial ?? false);
}
