using Registry.PackageService.Explaining;
using Registry.PackageService.Packages;
using Registry.PackageService.Proxying;
using Registry.PackageService.Storage;
using Registry.ServiceDefaults;

namespace Registry.PackageService.Dialects;

/// <summary>
/// The answer for a tarball that is not published here: from the store when an upstream's copy is there, else as it comes from the upstream,
/// on its way into the store.
/// </summary>
internal sealed class ProxiedTarballAnswer(
    ProxiedPackuments packuments, ParsedPackuments parsed, ProxiedTarballs tarballs, StorageClient storage, UsageLog usage, Explanation explanation)
{
    /// <summary>Answers.</summary>
    /// <param name="context">The request.</param>
    /// <param name="asked">The package and its version.</param>
    /// <param name="contentType">What the dialect calls the bytes.</param>
    /// <param name="notFound">What the dialect says when nobody has it; null for the usual.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    public async Task<IResult> SendAsync(
        HttpContext context, (PackageName Name, string Version) asked, string contentType, string? notFound, CancellationToken cancellationToken)
    {
        var (name, version) = asked;
        var proxied = await FindAsync(context, name, Freshness.Any, cancellationToken);
        if (proxied is not Proxied.Found found)
        {
            return proxied.ToProblem(context, notFound);
        }

        if (found.Upstream.Config.Rules.Judge(name.Value, version) is { } block)
        {
            explanation.Add(found.Upstream.Name, "blocked", block.Rule);
            return block.ToProblem();
        }

        context.MarkDownload(name.Value, version);
        var at = new Data.TarballAddress(found.Upstream.Name, name.Value, version);
        var stored = await tarballs.FindStoredAsync(at, cancellationToken);
        if (stored is not null && await MayBeSentAsync(found, name, version, stored.Bytes, cancellationToken))
        {
            explanation.Add("tarball", "stored", stored.Bytes.Digest);
            usage.Used(at);
            return TarballAnswer.Send(context, found, name, stored, contentType);
        }

        return await PromiseOfAsync(context, found, name, version, cancellationToken) switch
        {
            (_, { } problem) => problem,
            ({ } promise, _) => await FetchAsync(context, (found, name), tarballs.Fetch(found.Upstream, at, promise, stored), contentType, cancellationToken),
            _ => RegistryProblem.Create(404, "tarball_not_found", "Tarball not found"),
        };
    }

    private static Task<Proxied> FindAsync(HttpContext context, PackageName name, Freshness freshness, CancellationToken cancellationToken) =>
        context.FindElsewhereAsync(name, (PackumentForm.Abbreviated, freshness), cancellationToken);

    /// <summary>What is stored is what is promised now: an upstream that moved, or packed a version again, would have its clients refuse it for ever.</summary>
    private async Task<bool> MayBeSentAsync(Proxied.Found found, PackageName name, string version, Data.StoredBytes stored, CancellationToken cancellationToken) =>
        (await parsed.PromisesAsync(found, name, cancellationToken))?.GetValueOrDefault(version)?.Excludes(stored) != true;

    /// <summary>What is promised of the version. One that is not known may be new: the upstream is asked again before the answer is no.</summary>
    private async Task<(TarballPromise? Promise, IResult? Problem)> PromiseOfAsync(
        HttpContext context, Proxied.Found found, PackageName name, string version, CancellationToken cancellationToken)
    {
        if (await PromiseOfAsync(found, name, version, cancellationToken) is { } known)
        {
            return (known, null);
        }

        var latest = await FindAsync(context, name, Freshness.Latest, cancellationToken);
        return latest is not Proxied.Found again ? (null, latest.ToProblem(context))
            : await PromiseOfAsync(again, name, version, cancellationToken) is { } promise ? (promise, null)
            : (null, again.Failure?.ToProblem(context)); // what is kept is not all there may be
    }

    private async Task<TarballPromise?> PromiseOfAsync(Proxied.Found found, PackageName name, string version, CancellationToken cancellationToken) =>
        (await packuments.PromisesAsync(found, name, cancellationToken))?.GetValueOrDefault(version);

    private async Task<IResult> FetchAsync(
        HttpContext context, (Proxied.Found Found, PackageName Name) asked, TarballFlight flight, string contentType, CancellationToken cancellationToken)
    {
        var (found, name) = asked;
        explanation.Add("tarball", "downloaded", found.Upstream.Name);
        if (MayBeStreamed(context) && flight.TryReadAlong())
        {
            await flight.BeginAsync(cancellationToken);
            if (flight.HasBegun)
            {
                context.Response.Headers.CacheControl = Conditional.Immutable(found.IsForEveryone);
                return new TarballOnItsWay(flight, storage, contentType);
            }
        }

        return await flight.Ended.WaitAsync(cancellationToken) switch
        {
            TarballOutcome.Stored stored => TarballAnswer.Send(context, found, name, stored, contentType),
            TarballOutcome.Failed failed => failed.Failure.ToProblem(context),
            _ => RegistryProblem.Create(404, "tarball_not_found", $"The upstream '{found.Upstream.Name}' does not have this tarball although it names it"),
        };
    }

    /// <summary>Explained or in part, it is answered from the store.</summary>
    private bool MayBeStreamed(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Range.Count == 0 && !explanation.IsWanted;
}

/// <summary>
/// Sends a tarball while it is stored. Its end comes only when it was verified; before that the connection is cut, and nobody takes the
/// part for the whole.
/// </summary>
internal sealed class TarballOnItsWay(TarballFlight flight, StorageClient storage, string contentType) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, gone) = (httpContext.Response, httpContext.RequestAborted);
        response.ContentType = contentType;
        response.ContentLength = flight.SizeBytes;
        try
        {
            var sent = 0L;
            await foreach (var piece in flight.Tee.ReadAsync(gone))
            {
                await response.Body.WriteAsync(piece, gone);
                sent += piece.Length;
            }

            if (flight.Tee.IsLeftBehind && await flight.Ended.WaitAsync(gone) is TarballOutcome.Stored stored)
            {
                await storage.CopyAsync(stored.Bytes.Digest, sent, response.Body, gone);
            }
            else if (flight.Tee.IsLeftBehind)
            {
                httpContext.Abort();
            }
        }
        catch (Exception failure) when (failure is IOException or HttpRequestException or TimeoutException or OperationCanceledException)
        {
            httpContext.Abort();
        }
    }
}
