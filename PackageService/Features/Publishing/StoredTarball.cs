namespace Registry.PackageService.Features.Publishing;

/// <summary>A tarball that was received whole, inspected, and stored.</summary>
/// <param name="Digest">Key of the blob, <c>sha256:{64 lower-case hex}</c>.</param>
/// <param name="SizeBytes">Size of the tarball.</param>
/// <param name="Integrity"><c>dist.integrity</c>: SHA-512 in SRI form.</param>
/// <param name="Shasum"><c>dist.shasum</c>: SHA-1, lower-case hex.</param>
/// <param name="FileCount"><c>dist.fileCount</c>: regular files in it.</param>
/// <param name="UnpackedSizeBytes"><c>dist.unpackedSize</c>: their sizes added up.</param>
internal sealed record StoredTarball(string Digest, long SizeBytes, string Integrity, string Shasum, int FileCount, long UnpackedSizeBytes);
