namespace Registry.StorageService.Blobs;

/// <summary>What a store knows of a blob without reading it.</summary>
/// <param name="Key">Its address.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="LeasedAt">When it was last put, UTC. Every put renews it; collection leaves a blob alone while it is recent.</param>
internal sealed record BlobInfo(BlobKey Key, long SizeBytes, DateTimeOffset LeasedAt);
