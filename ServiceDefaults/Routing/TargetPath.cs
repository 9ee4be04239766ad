using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Registry.ServiceDefaults.Routing;

/// <summary>
/// Reads the path of a raw request target the way package names need it: percent-decoded exactly once, with the slash
/// inside a scoped name kept apart from the slashes between segments (npm protocol 1.2).
/// </summary>
public static class TargetPath
{
    // What stands for itself wherever it is: printable ASCII but for escapes, scopes, and the end of the path.
    private static readonly SearchValues<char> Plain =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code).Where(character => character is not ('%' or '@' or '?' or '#'))]);

    /// <summary>
    /// The path to route on: segments decoded once; a scope and the name after it, however they were sent, become the one
    /// segment <c>@scope%2Fname</c>; a slash or percent sign that was encoded stays encoded as <c>%2F</c> or <c>%25</c>.
    /// </summary>
    /// <param name="rawTarget">The request target as it arrived, with or without a query.</param>
    /// <returns>The path, or null when an escape is malformed or the bytes are not UTF-8.</returns>
    public static string? Normalise(string rawTarget)
    {
        var end = rawTarget.AsSpan().IndexOfAny('?', '#');
        var path = end < 0 ? rawTarget : rawTarget[..end];
        if (!path.StartsWith('/'))
        {
            return null;
        }

        if (!path.AsSpan().ContainsAnyExcept(Plain))
        {
            return path;
        }

        var result = new StringBuilder(path.Length + 8);
        var afterScope = false;
        foreach (var segment in path[1..].Split('/'))
        {
            if (Decode(segment) is not { } decoded)
            {
                return null;
            }

            result.Append(afterScope ? "%2F" : "/").Append(Escape(decoded));
            afterScope = !afterScope && decoded.Length > 1 && decoded[0] == '@' && !decoded.Contains('/', StringComparison.Ordinal) && !decoded.Contains('@', 1);
        }

        return result.ToString();
    }

    /// <summary>True when a segment of the path is <c>.</c> or <c>..</c>, literally or in any encoding, with either slash.</summary>
    public static bool HasDotSegment(string rawTarget)
    {
        var end = rawTarget.AsSpan().IndexOfAny('?', '#');
        var path = end < 0 ? rawTarget : rawTarget[..end];
        if (!path.AsSpan().ContainsAny('%', '\\') && !path.Contains("/.", StringComparison.Ordinal) && !path.StartsWith('.'))
        {
            return false;
        }

        return Uri.UnescapeDataString(path).Split('/', '\\').Any(segment => segment is "." or "..");
    }

    /// <summary>Turns a route value back into what was sent: <c>%2F</c> and <c>%25</c> decoded.</summary>
    public static string Unescape(string routeValue) =>
        routeValue.Replace("%2F", "/", StringComparison.Ordinal).Replace("%25", "%", StringComparison.Ordinal);

    private static bool Contains(this string text, char value, int startIndex) => text.IndexOf(value, startIndex) >= 0;

    private static string Escape(string decoded) =>
        decoded.Replace("%", "%25", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal);

    /// <summary>One segment, decoded once; null for a malformed escape, bytes that are not UTF-8, and control characters.</summary>
    private static string? Decode(string segment)
    {
        var bytes = Encoding.UTF8.GetBytes(segment);
        var length = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            var value = bytes[i];
            if (value == '%')
            {
                if (i + 2 >= bytes.Length
                    || !byte.TryParse(bytes.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value))
                {
                    return null;
                }

                i += 2;
            }

            bytes[length++] = value;
        }

        var decoded = bytes.AsSpan(0, length);
        return Utf8.IsValid(decoded) && Encoding.UTF8.GetString(decoded) is var text && !text.Any(char.IsControl) ? text : null;
    }
}
