using System.Globalization;

using Registry.Contracts.Http;
using Registry.PackageService.Packages;
using Registry.PackageService.Proxying;
using Registry.ServiceDefaults.Access;

namespace Registry.PackageService.Dialects;

/// <summary>What answers tell the Gateway: what it may remember and has to forget, and what it counts.</summary>
internal static class GatewayMemory
{
    private static readonly TimeSpan LongestOfUpstreams = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Looks for what is not published here. Who wants the latest makes the Gateway forget the package, since others must not be told less from
    /// memory afterwards.
    /// </summary>
    public static Task<Proxied> FindElsewhereAsync(
        this HttpContext context, PackageName name, (PackumentForm Form, Freshness Freshness) wanted, CancellationToken cancellationToken)
    {
        if (wanted.Freshness == Freshness.Latest)
        {
            context.MarkChanged(name);
        }

        return context.RequestServices.GetRequiredService<FallThrough>().FindAsync(context.GetMount(), context.GetCaller(), name, wanted, cancellationToken);
    }

    /// <summary>The Gateway forgets what it remembers of the packages before this answer leaves it.</summary>
    public static void MarkChanged(this HttpContext context, params IReadOnlyList<PackageName> names) =>
        context.Response.Headers[InternalHeaders.Changed] = string.Join(',', names.Select(name => TagOf(context, name.Value)));

    /// <summary>The Gateway forgets what came from upstreams before this answer leaves it.</summary>
    public static void MarkUpstreamsChanged(this HttpContext context) => context.Response.Headers[InternalHeaders.Changed] = InternalHeaders.Upstreams;

    /// <summary>This public answer may be given to others until the package changes. An answer that tells a caller about a rejected credential is that caller's alone.</summary>
    public static void MarkCacheable(this HttpContext context, string name)
    {
        if (context.GetMount().IsCanonical && context.GetCaller().Credential != CredentialState.Rejected)
        {
            context.Response.Headers[InternalHeaders.Cacheable] = TagOf(context, name);
        }
    }

    /// <summary>This answer of an upstream may be given to others for a while, if everyone may read it.</summary>
    public static void MarkCacheable(this HttpContext context, PackageName name, Proxied.Found found)
    {
        if (found.IsForEveryone && found.FreshFor >= TimeSpan.FromSeconds(1))
        {
            var seconds = Math.Min(found.FreshFor.TotalSeconds, LongestOfUpstreams.TotalSeconds);
            context.MarkCacheable(name.Value);
            context.Response.Headers[InternalHeaders.CacheableWith] = found.Upstreams;
            context.Response.Headers[InternalHeaders.CacheableFor] = ((int)seconds).ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>This answer is a tarball, which the Gateway counts when it was sent as a whole.</summary>
    public static void MarkDownload(this HttpContext context, string name, string version) =>
        context.Response.Headers[InternalHeaders.Download] = $"{TagOf(context, name)}@{version}";

    private static string TagOf(HttpContext context, string name) => $"{context.GetMount().Repository}/{name}";
}
