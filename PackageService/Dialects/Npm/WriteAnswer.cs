using Registry.PackageService.Packages;
using Registry.ServiceDefaults.Access;

namespace Registry.PackageService.Dialects.Npm;

/// <summary>The answer to a write that worked. Never an empty body: npm 6 to 8 read every one of them as JSON (npm protocol 1.5).</summary>
internal static class WriteAnswer
{
    public static IResult Ok(HttpContext context, PackageName name, string? rev, int status = StatusCodes.Status200OK, object? ok = null)
    {
        context.MarkChanged(name);
        return TypedResults.Json(new Document(ok ?? true, name.Value, rev, true), ServiceDefaults.RegistryJson.Options, statusCode: status);
    }

    /// <summary>What became of a change.</summary>
    public static IResult Of(HttpContext context, PackageName name, ChangeOutcome outcome, int status = StatusCodes.Status200OK, string? ok = null) =>
        outcome switch
        {
            ChangeOutcome.Done done => Ok(context, name, done.Rev, status, ok),
            ChangeOutcome.Refused refused => refused.Refusal.ToProblem(),
            _ => throw new InvalidOperationException("Unknown outcome."),
        };

    /// <summary>The package a request wants to change.</summary>
    public static ChangeTarget TargetOf(this HttpContext context, PackageName name, params IReadOnlyList<string> revs) =>
        new(context.GetMount().Repository, name, context.GetCaller(), revs);

    private sealed record Document(object Ok, string Id, string? Rev, bool Success);
}
