using Microsoft.AspNetCore.Http.Features;

namespace Registry.AuthService.Hosting;

/// <summary>The secret that stood in the path of this request.</summary>
internal sealed record PathSecret(string Value);

/// <summary>
/// npm logs out with the access token in the path (protocol 3.2). The path is in every log scope and span of a request,
/// so the token leaves it before the first of them begins, and travels as a feature instead.
/// </summary>
internal sealed class HiddenSecretContextFactory(IServiceProvider services) : IHttpContextFactory
{
    public const string Placeholder = "hidden";
    private const string Logout = "/-/user/token/";
    private readonly DefaultHttpContextFactory _inner = new(services);

    public HttpContext Create(IFeatureCollection featureCollection)
    {
        var request = featureCollection.GetRequiredFeature<IHttpRequestFeature>();
        if (request.Path.StartsWith(Logout, StringComparison.Ordinal) && request.Path.Length > Logout.Length)
        {
            featureCollection.Set(new PathSecret(request.Path[Logout.Length..]));
            request.Path = Logout + Placeholder;
            request.RawTarget = Logout + Placeholder;
        }

        return _inner.Create(featureCollection);
    }

    public void Dispose(HttpContext httpContext) => _inner.Dispose(httpContext);
}
