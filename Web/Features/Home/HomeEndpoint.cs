using Microsoft.AspNetCore.Http.HttpResults;

using Registry.ServiceDefaults.Access;
using Registry.Web.Shell;

namespace Registry.Web.Features.Home;

/// <summary>The first page a browser sees: where this registry is and how to use it. It needs no other service.</summary>
internal static class HomeEndpoint
{
    public static void MapHome(this IEndpointRouteBuilder routes) => routes.MapGet("/", ShowHome);

    private static RazorComponentResult<HomePage> ShowHome(HttpContext context)
    {
        var mount = context.GetMount();
        return Page.Show<HomePage>(new { mount.PublicUrl, mount.Repository, UserName = Page.UserNameOf(context) });
    }
}
