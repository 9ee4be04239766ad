using Microsoft.Net.Http.Headers;

namespace Registry.Gateway.Caching;

/// <summary>Which codings of an answer a client takes. Who likes gzip better than brotli does not get brotli, so for him there is only gzip.</summary>
/// <param name="Gzip">The answer may be gzip.</param>
/// <param name="Brotli">The answer may be br.</param>
internal sealed record AcceptedCodings(bool Gzip, bool Brotli)
{
    /// <summary>Bytes as they are.</summary>
    public static readonly AcceptedCodings None = new(false, false);

    /// <summary>Reads <c>Accept-Encoding</c>; null when it cannot be told for certain what it comes to.</summary>
    public static AcceptedCodings? Of(string acceptEncoding)
    {
        if (acceptEncoding.Length == 0)
        {
            return None;
        }

        if (!StringWithQualityHeaderValue.TryParseList(acceptEncoding.Split(','), out var codings)
            || codings.Any(coding => coding.Value == "*" || (coding.Quality == 0 && coding.Value.Equals("identity", StringComparison.OrdinalIgnoreCase))))
        {
            return null;
        }

        return QualityOf(codings, "gzip") is { } gzip && QualityOf(codings, "br") is { } brotli
            ? new AcceptedCodings(gzip > 0, brotli > 0 && brotli >= gzip)
            : null;
    }

    /// <summary>Whether an answer with this <c>Content-Encoding</c> may be given to the client.</summary>
    public bool Take(string contentEncoding) => contentEncoding switch
    {
        "" => true,
        "gzip" => Gzip,
        "br" => Brotli,
        _ => false,
    };

    /// <summary>0 for a coding that is not mentioned; null for one that is mentioned twice.</summary>
    private static double? QualityOf(IList<StringWithQualityHeaderValue> codings, string name)
    {
        var found = codings.Where(coding => coding.Value.Equals(name, StringComparison.OrdinalIgnoreCase)).ToList();
        return found.Count > 1 ? null : found.Count == 0 ? 0 : found[0].Quality ?? 1;
    }
}
