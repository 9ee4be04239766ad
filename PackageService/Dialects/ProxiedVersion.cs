using System.Text.Json;

using Registry.PackageService.Packages;
using Registry.PackageService.Proxying;

namespace Registry.PackageService.Dialects;

/// <summary>A version of a package that an upstream has, as its packument describes it.</summary>
/// <param name="Found">Where it is.</param>
/// <param name="Document">The packument.</param>
/// <param name="Version">The version.</param>
/// <param name="Manifest">Its manifest.</param>
internal sealed record ProxiedVersion(Proxied.Found Found, ProxiedDocument Document, string Version, JsonElement Manifest)
{
    /// <summary>When what is known of the package last changed.</summary>
    public DateTimeOffset ChangedAt => Found.Known.ChangedAt ?? DateTimeOffset.UnixEpoch;

    /// <summary>
    /// Looks for a version in the upstreams and answers with it, or says why not. One that is not known may be new: the upstream is asked
    /// again before the answer is no.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="asked">The package, and a version or dist-tag of it.</param>
    /// <param name="send">Answers with it.</param>
    /// <param name="words">What the dialect says of what is not there.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    public static async Task<IResult> SendAsync(
        HttpContext context, (PackageName Name, string VersionOrTag) asked, Func<ProxiedVersion, IResult> send, NotFoundWords? words, CancellationToken cancellationToken)
    {
        UpstreamFailure? failure = null;
        return await WithDocumentAsync(context, (asked.Name, FreshnessFor(context.Request)), Answer, words, cancellationToken)
            ?? await WithDocumentAsync(context, (asked.Name, Freshness.Latest), Answer, words, cancellationToken)
            ?? failure?.ToProblem(context) // what is kept is not all there may be
            ?? ProblemResults.VersionNotFound(words?.Version ?? $"version not found: {asked.VersionOrTag}");

        IResult? Answer(Proxied.Found found, ProxiedDocument document)
        {
            failure = found.Failure;
            return document.Find(asked.VersionOrTag) is var (version, manifest)
                ? send(new ProxiedVersion(found, document, version, manifest))
                : document.BlockOf(asked.VersionOrTag)?.ToProblem();
        }
    }

    /// <summary>Looks for a package in the upstreams and answers from its packument, or says why not.</summary>
    public static async Task<IResult> WithDocumentAsync(
        HttpContext context, PackageName name, Func<Proxied.Found, ProxiedDocument, IResult> send, NotFoundWords? words, CancellationToken cancellationToken) =>
        (await WithDocumentAsync(context, (name, FreshnessFor(context.Request)), send, words, cancellationToken))!;

    private static Freshness FreshnessFor(HttpRequest request) => request.WantsLatest() ? Freshness.Latest : Freshness.Normal;

    /// <returns>Null when the packument is there and <paramref name="send"/> does not know what to answer from it.</returns>
    private static async Task<IResult?> WithDocumentAsync(
        HttpContext context, (PackageName Name, Freshness Freshness) wanted, Func<Proxied.Found, ProxiedDocument, IResult?> send, NotFoundWords? words,
        CancellationToken cancellationToken)
    {
        var name = wanted.Name;
        var proxied = await context.FindElsewhereAsync(name, (PackumentForm.Full, wanted.Freshness), cancellationToken);
        if (proxied is not Proxied.Found found)
        {
            return proxied.ToProblem(context, words?.Package);
        }

        var document = await context.RequestServices.GetRequiredService<ProxiedPackuments>().DocumentAsync(found, name, cancellationToken);
        return document is null ? proxied.ToProblem(context, words?.Package) : send(found, document);
    }
}

/// <summary>What a dialect says of what is not there.</summary>
/// <param name="Package">Of a package.</param>
/// <param name="Version">Of a version.</param>
internal sealed record NotFoundWords(string Package, string Version);
