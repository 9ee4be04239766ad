namespace Registry.Upstreams.Http;

/// <summary>A registry's base URL: what is its own, what is below it, and links that follow when it changes.</summary>
internal sealed class BaseUrl(Uri url)
{
    private readonly Uri _url = new(url.AbsoluteUri.TrimEnd('/') + "/");

    /// <summary>Whether a URL is of the registry's own origin.</summary>
    public bool IsOrigin(Uri url) => Uri.Compare(url, _url, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    /// <summary>A URL, absolute or relative to this one; null when it is none.</summary>
    public Uri? Resolve(string target) => Uri.TryCreate(_url, target, out var url) ? url : null;

    /// <summary>Where a link leads; null when it is no URL, or is relative and leads out of what is below.</summary>
    public Uri? Follow(string link) =>
        Resolve(link) is { } url && (IsAbsolute(link) || IsAbove(url)) ? url : null;

    /// <summary>The relative link to what is below, the absolute one to anything else.</summary>
    public string LinkOf(Uri url)
    {
        if (!IsAbove(url))
        {
            return url.AbsoluteUri;
        }

        var link = url.PathAndQuery[_url.AbsolutePath.Length..];
        return Follow(link)?.AbsoluteUri == url.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped) ? link : url.AbsoluteUri; // 'a:b' would be of another scheme
    }

    private static bool IsAbsolute(string link) =>
        link.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || link.StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    private bool IsAbove(Uri url) =>
        IsOrigin(url) && url.AbsolutePath.StartsWith(_url.AbsolutePath, StringComparison.Ordinal) && url.UserInfo.Length == 0
        && !Uri.UnescapeDataString(url.AbsolutePath).Split('/', '\\').Contains(".."); // a server may decode before it follows
}
