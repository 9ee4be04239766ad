using System.Net.Http.Headers;

namespace Registry.Upstreams.Http;

/// <summary>What is asked for.</summary>
/// <param name="Accept">The media type.</param>
/// <param name="Known">What was answered last time: with its validators the question is conditional.</param>
internal sealed record Question(string Accept, Packument? Known = null)
{
    private EntityTagHeaderValue? ETag => Known?.ETag is { } text && EntityTagHeaderValue.TryParse(text, out var etag) ? etag : null;

    public bool IsConditional => ETag is not null || Known?.LastModified is not null;

    public void Apply(HttpRequestHeaders headers)
    {
        headers.Accept.ParseAdd(Accept);
        headers.IfModifiedSince = Known?.LastModified;
        if (ETag is { } etag)
        {
            headers.IfNoneMatch.Add(etag);
        }
    }
}

/// <summary>A document as it was answered.</summary>
/// <param name="Bytes">What it holds; null when what is known is what there is.</param>
/// <param name="ETag">Its validator.</param>
/// <param name="LastModified">The other one.</param>
internal sealed record Document(ReadOnlyMemory<byte>? Bytes, string? ETag, DateTimeOffset? LastModified);
