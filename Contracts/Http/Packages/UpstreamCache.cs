namespace Registry.Contracts.Http.Packages;

/// <summary>What PackageService keeps of upstreams.</summary>
/// <param name="Upstreams">By upstream.</param>
public sealed record UpstreamCacheResponse(IReadOnlyList<UpstreamCacheEntry> Upstreams);

/// <summary>What is kept of one upstream.</summary>
/// <param name="Upstream">Its name.</param>
/// <param name="Packuments">How many packuments.</param>
/// <param name="Tarballs">How many tarballs.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record UpstreamCacheEntry(string Upstream, long Packuments, long Tarballs, long Bytes);

/// <summary>What has left, or would leave.</summary>
/// <param name="DryRun">Nothing has left.</param>
/// <param name="Tarballs">How many tarballs.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Packuments">How many packuments.</param>
/// <param name="First">The first hundred tarballs, those used longest ago first.</param>
public sealed record EvictionResponse(bool DryRun, int Tarballs, long Bytes, int Packuments, IReadOnlyList<EvictedTarball> First);

/// <summary>A proxied tarball that has left, or would leave.</summary>
/// <param name="Upstream">Where it came from.</param>
/// <param name="Name">The package.</param>
/// <param name="Version">The version.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="UsedAt">When it was last asked for, UTC.</param>
public sealed record EvictedTarball(string Upstream, string Name, string Version, long SizeBytes, DateTimeOffset UsedAt);
