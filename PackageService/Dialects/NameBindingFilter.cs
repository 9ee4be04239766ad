using Registry.PackageService.Packages;
using Registry.ServiceDefaults;

namespace Registry.PackageService.Dialects;

/// <summary>Says which part of the path could not be read: the framework leaves the body of such an answer empty.</summary>
internal sealed class NameBindingFilter : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (context.HttpContext.Response.StatusCode != StatusCodes.Status400BadRequest)
        {
            return next(context);
        }

        var values = context.HttpContext.Request.RouteValues;
        return ValueTask.FromResult<object?>(
            values.TryGetValue("name", out var name) && !PackageName.TryParse(name as string, out _)
                ? RegistryProblem.Create(400, "invalid_name", "This is not a package name: expected name or @scope/name with URL-safe characters")
            : values.TryGetValue("tag", out var tag) && !DistTagName.TryParse(tag as string, out _)
                ? RegistryProblem.Create(400, "invalid_tag", "This is not a dist-tag: expected URL-safe text that is not a version or range")
            : values.TryGetValue("period", out var period) && !DownloadPeriod.TryParse(period as string, null, out _)
                ? RegistryProblem.Create(400, "invalid_period", DownloadPeriod.Expected)
            : values.ContainsKey("names")
                ? RegistryProblem.Create(400, "invalid_name", $"Expected a package name, or up to {PackageNameList.Most} divided by commas")
            : values.ContainsKey("version")
                ? RegistryProblem.Create(400, "invalid_version", "This is not a semantic version")
            : RegistryProblem.Create(400, "bad_request", "The request could not be read"));
    }
}
