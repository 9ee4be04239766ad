using Registry.ServiceDefaults.Bodies;

namespace Registry.PackageService.Tests.Publishing.Bodies;

/// <summary>A body that arrives in pieces of chosen sizes.</summary>
internal sealed class CutStream(Stream source, Func<int> cut) : ForwardReadStream
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        source.ReadAsync(buffer[..Math.Min(buffer.Length, cut())], cancellationToken);
}
