using Microsoft.Extensions.Options;

using Registry.Contracts.Http;
using Registry.PackageService.Data;
using Registry.PackageService.Explaining;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults.Access;
using Registry.Upstreams;

namespace Registry.PackageService.Proxying;

/// <summary>What came of looking for a package elsewhere.</summary>
internal abstract record Proxied
{
    private Proxied()
    {
    }

    /// <summary>Nobody who was asked has it, or nobody may be asked.</summary>
    internal sealed record NotFound : Proxied;

    /// <summary>A rule keeps it out.</summary>
    internal sealed record Blocked(PackageBlock Block) : Proxied;

    /// <summary>An upstream that might have it could not be asked, and nobody behind it may answer in its place.</summary>
    internal sealed record Failed(UpstreamFailure Failure) : Proxied;

    /// <summary>An upstream has it.</summary>
    /// <param name="Upstream">The upstream.</param>
    /// <param name="Known">What is known of its packument.</param>
    /// <param name="IsForEveryone">Everyone may read it: shared caches may keep it.</param>
    internal sealed record Found(Upstream Upstream, KnownPackument Known, bool IsForEveryone) : Proxied
    {
        /// <summary>Why the upstream could not be asked: what is known may not be all there is. Null when it could, or was not.</summary>
        public UpstreamFailure? Failure { get; init; }

        /// <summary>How long nobody has to be asked again, of those who were asked.</summary>
        public required TimeSpan FreshFor { get; init; }

        /// <summary>Stands for the upstreams as they were known (<see cref="UpstreamSet.Stamp"/>).</summary>
        public required string Upstreams { get; init; }

        /// <summary>Which packument it is.</summary>
        public PackumentAddress AddressOf(PackageName name) => new(Upstream.Name, name.Value, Known.Abbreviated);
    }
}

/// <summary>
/// Looks for what is not published here in the upstreams, one after the other (M36). Only "not found" leads to the next one. A name that is or
/// was published here, or looks like one, is never looked for: nobody else can slip in a package under a name of ours (K15, complaint 10).
/// </summary>
internal sealed class FallThrough(
    PackageDbContext db, UpstreamDirectory directory, ProxiedPackuments packuments, UsageLog usage, IOptions<ProxyOptions> options, Explanation explanation, TimeProvider clock)
{
    private static readonly Proxied.NotFound Nobody = new();

    /// <summary>Looks for a package.</summary>
    /// <param name="mount">Where the request came in.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="name">The package.</param>
    /// <param name="wanted">Which packument will be needed, and how new it has to be.</param>
    /// <param name="cancellationToken">Ends the wait, not the questions that are under way.</param>
    public async Task<Proxied> FindAsync(
        MountContext mount, Caller caller, PackageName name, (PackumentForm Form, Freshness Freshness) wanted, CancellationToken cancellationToken)
    {
        if (await ClaimOfAsync(mount, caller, name, cancellationToken) is not { } claim)
        {
            return Nobody;
        }

        var upstreams = await directory.GetAsync(claim.Revision, cancellationToken);
        var found = await AskInTurnAsync(upstreams, claim, name, wanted, cancellationToken);
        return found is Proxied.NotFound && wanted.Freshness == Freshness.Any
            ? await AskInTurnAsync(upstreams, claim, name, (wanted.Form, Freshness.Normal), cancellationToken) // an absence may be out of date
            : found;
    }

    /// <summary>Null when the name is not looked for elsewhere.</summary>
    private async Task<NameClaim?> ClaimOfAsync(MountContext mount, Caller caller, PackageName name, CancellationToken cancellationToken)
    {
        if (!options.Value.Enabled || !mount.UsesUpstreams)
        {
            explanation.Add("upstreams", "not asked", options.Value.Enabled ? "this mount does not fall through" : "upstreams are switched off");
            return null;
        }

        var claim = await db.FindClaimAsync(mount.Repository, name.Value, name.Folded, cancellationToken);
        if (claim is not { UsesUpstreams: true })
        {
            explanation.Add("upstreams", "not asked", "this repository does not fall through");
            return null;
        }

        if (claim.Holder is not null || claim.WasPublished)
        {
            explanation.Add("upstreams", "not asked", claim.Holder is { } holder
                ? $"name shield: {holder} is published here" : "name shield: the name was published here once");
            return null;
        }

        return claim.IsForEveryone || caller.IsSignedIn() ? claim : null;
    }

    private async Task<Proxied> AskInTurnAsync(
        UpstreamSet upstreams, NameClaim claim, PackageName name, (PackumentForm Form, Freshness Freshness) wanted, CancellationToken cancellationToken)
    {
        PackageBlock? blocked = null;
        var freshFor = TimeSpan.MaxValue;
        foreach (var upstream in upstreams.Enabled)
        {
            if (upstream.Config.Rules.Judge(name.Value, null) is { } block)
            {
                explanation.Add(upstream.Name, "blocked", block.Rule is { } rule ? $"rule {rule}" : "not among what is allowed");
                blocked ??= block.Rule is null ? null : block;
                continue;
            }

            using var step = explanation.Begin(upstream.Name);
            var lookup = await packuments.FindAsync(upstream, name, wanted.Form == PackumentForm.Abbreviated, wanted.Freshness, cancellationToken);
            step.End(lookup.Outcome, lookup.IsUnknown ? null : lookup.State.ToString().ToLowerInvariant(), lookup.Failure?.Message);
            if (lookup.IsUnknown)
            {
                return new Proxied.Failed(lookup.Failure!);
            }

            var holds = lookup.HoldsFor(upstream.Config.Cache, wanted.Freshness, clock.GetUtcNow());
            freshFor = holds < freshFor ? holds : freshFor;
            if (lookup.IsPresent)
            {
                var found = new Proxied.Found(upstream, lookup.Known!, claim.IsForEveryone) { Failure = lookup.Failure, FreshFor = freshFor, Upstreams = upstreams.Stamp };
                usage.Used(found.AddressOf(name));
                return found;
            }
        }

        return blocked is null ? Nobody : new Proxied.Blocked(blocked);
    }
}
