using Registry.Contracts.Http;
using Registry.ServiceDefaults.Access;

namespace Registry.PackageService.Explaining;

/// <summary>
/// <c>?explain=1</c> on a read: answers it as always, and sends not the answer but how it came about. For administrators, since it tells of
/// what others may not see.
/// </summary>
internal sealed class ExplainFilter : IEndpointFilter
{
    private static readonly string[] Told = ["ETag", "Cache-Control", "Content-Type", "Content-Encoding", "Last-Modified", "Retry-After"];

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (http.Request.Query["explain"] != "1" || !HttpMethods.IsGet(http.Request.Method))
        {
            return await next(context);
        }

        if (ExplainRights.Refuse(http.GetCaller()) is { } refusal)
        {
            return refusal;
        }

        var explanation = http.RequestServices.GetRequiredService<Explanation>();
        explanation.IsWanted = true;
        http.Request.Headers.IfNoneMatch = default;
        http.Request.Headers.IfModifiedSince = default;
        var answer = await AnswerAsync(http, await next(context));
        return TypedResults.Ok(new ExplainResponse(
            MountOf(http.GetMount()), http.GetCaller().UserName!, http.Request.RouteValues["name"] as string, explanation.Steps, answer));
    }

    private static ExplainedMount MountOf(MountContext mount) =>
        new(mount.Name, mount.Dialect, mount.Repository, mount.PublicUrl, mount.UsesUpstreams);

    /// <summary>Runs the answer into the void, and notes what it would have been.</summary>
    private static async Task<ExplainedAnswer> AnswerAsync(HttpContext http, object? result)
    {
        var (body, counted) = (http.Response.Body, new CountingStream());
        await using (counted)
        {
            http.Response.Body = counted;
            try
            {
                await (result is IResult answer ? answer.ExecuteAsync(http) : Task.CompletedTask);
                await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
            }
            finally
            {
                http.Response.Body = body; // what fails is answered as always
            }
        }

        var headers = http.Response.Headers;
        var told = new ExplainedAnswer(
            http.Response.StatusCode,
            counted.Length,
            headers.TryGetValue(InternalHeaders.Blob, out var blob) ? blob.ToString() : null,
            headers.ContainsKey(InternalHeaders.Cacheable),
            Told.Where(headers.ContainsKey).ToDictionary(static name => name, name => headers[name].ToString()),
            counted.Text);
        http.Response.Clear();
        http.Response.Headers.CacheControl = "no-store";
        return told;
    }
}

/// <summary>How an answer came about.</summary>
/// <param name="Mount">The mount the request belongs to.</param>
/// <param name="Caller">Who asks.</param>
/// <param name="Package">The package, if it is about one.</param>
/// <param name="Steps">What was looked at, in order.</param>
/// <param name="Answer">What the answer would have been.</param>
internal sealed record ExplainResponse(
    ExplainedMount Mount, string Caller, string? Package, IReadOnlyList<ExplainedStep> Steps, ExplainedAnswer Answer);

/// <summary>The mount a request belongs to.</summary>
internal sealed record ExplainedMount(string Name, string Dialect, string Repository, string PublicUrl, bool UsesUpstreams);

/// <summary>An answer that was not sent.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="BodyBytes">Size of its body, without a tarball's bytes.</param>
/// <param name="Blob">The blob that is sent as its body, if one is.</param>
/// <param name="IsRemembered">The Gateway may answer the same from memory.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Problem">The body of an error.</param>
internal sealed record ExplainedAnswer(
    int Status, long BodyBytes, string? Blob, bool IsRemembered, IReadOnlyDictionary<string, string> Headers, string? Problem);
