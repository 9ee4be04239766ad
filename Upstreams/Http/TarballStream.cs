namespace Registry.Upstreams.Http;

/// <summary>The body of an answer, piece by piece: each within the registry's time, all of them within its size.</summary>
internal sealed class TarballStream(RegistryClient client, HttpResponseMessage answer, Stream content, Uri url) : TarballDownload
{
    private long _total;

    public override long? SizeBytes => answer.Content.Headers.ContentLength;

    /// <summary>Whether an end that comes too soon is noticed.</summary>
    public bool IsEndKnown => answer.Version.Major >= 2 || SizeBytes is not null || answer.Headers.TransferEncodingChunked == true;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await client.WithinTimeAsync(client.Config.Timeout, token => content.ReadAsync(buffer, token).AsTask(), cancellationToken);
        _total += count;
        if (_total > client.Config.MaxTarballBytes)
        {
            throw TooLarge();
        }

        if (count == 0 && buffer.Length > 0 && _total < SizeBytes)
        {
            throw new RegistryException(client.Config.Name, RegistryFailure.Unreachable, $"broke off after {_total} of {SizeBytes} bytes of {RegistryClient.Shown(url)}.");
        }

        return count;
    }

    public RegistryException TooLarge() =>
        new(client.Config.Name, RegistryFailure.BadTarball, $"has more than {client.Config.MaxTarballBytes} bytes at {RegistryClient.Shown(url)}.");

    public override async ValueTask DisposeAsync()
    {
        await content.DisposeAsync();
        answer.Dispose();
    }
}
