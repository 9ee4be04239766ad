using Microsoft.AspNetCore.Http.Features;

namespace Registry.AuthService.Hosting;

/// <summary>The secret that stood in the path of this request.</summary>
internal sealed record PathSecret(string Value);

/// <summary>
/// npm logs out, and may revoke, with the access token in the path (protocol 3.2, 3.10), and pages for logging in are known by a secret in it. The path is in every log scope and span of a request,
/// so the secret leaves it before the first of them begins, and travels as a feature instead.
/// </summary>
internal sealed class HiddenSecretContextFactory(IServiceProvider services) : IHttpContextFactory
{
    public const string Placeholder = "hidden";
    private static readonly string[] Prefixes = ["/-/user/token/", "/-/npm/v1/tokens/token/", "/-/v1/login/done/", "/-/v1/login/"];
    private readonly DefaultHttpContextFactory _inner = new(services);

    public HttpContext Create(IFeatureCollection featureCollection)
    {
        var request = featureCollection.GetRequiredFeature<IHttpRequestFeature>();
        if (Prefixes.FirstOrDefault(prefix => request.Path.StartsWith(prefix, StringComparison.Ordinal)) is { } found && request.Path.Length > found.Length)
        {
            featureCollection.Set(new PathSecret(request.Path[found.Length..]));
            request.Path = found + Placeholder;
            request.RawTarget = found + Placeholder;
        }

        return _inner.Create(featureCollection);
    }

    public void Dispose(HttpContext httpContext) => _inner.Dispose(httpContext);
}
