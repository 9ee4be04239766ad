using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

using Registry.ServiceDefaults.Access;

namespace Registry.Web.Shell;

/// <summary>Pages as answers.</summary>
internal static class Page
{
    /// <summary>A page with its status.</summary>
    public static RazorComponentResult<TPage> Show<TPage>(object parameters, int status = StatusCodes.Status200OK)
        where TPage : IComponent =>
        new(parameters) { StatusCode = status };

    /// <summary>A part of the registry does not answer: a page that says so, with a status caches and probes understand.</summary>
    public static RazorComponentResult<NoticePage> Unavailable(HttpContext context, string sentence)
    {
        context.Response.Headers.RetryAfter = "5";
        return Show<NoticePage>(
            new { Title = "Not available right now", Sentence = sentence, Hint = "Nothing is lost. Reload this page in a moment." },
            StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>Whatever is not a page is a page that says so; the Gateway sends every path here that nothing else serves.</summary>
    public static void MapUnknownPages(this IEndpointRouteBuilder routes) =>
        routes.MapFallback("{**path}", () => Show<NoticePage>(
            new { Title = "Page not found", Sentence = "There is no page at this address.", Hint = "Search for a package, or start at the home page." },
            StatusCodes.Status404NotFound));

    /// <summary>Who is signed in, for pages that greet.</summary>
    public static string? UserNameOf(HttpContext context) =>
        context.GetCaller() is { } caller && caller.IsSignedIn() ? caller.UserName : null;
}
