using Registry.AuthService.Hosting;
using Registry.Contracts.Http.Auth;

namespace Registry.AuthService.Features.Introspection;

/// <summary>The Gateway asks who a credential belongs to.</summary>
internal static class IntrospectEndpoint
{
    public static void MapIntrospection(this IEndpointRouteBuilder routes) =>
        routes.MapPost(
            AuthRoutes.Introspect,
            static (IntrospectRequest request, IntrospectCredential introspect, CancellationToken cancellationToken) =>
                introspect.ExecuteAsync(request, cancellationToken)).WithSmallBody();
}
