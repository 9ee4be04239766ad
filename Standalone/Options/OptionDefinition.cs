using System.Globalization;
using System.Net;

namespace Registry.Standalone.Options;

/// <summary>What values an option takes.</summary>
/// <param name="Name">In words, for messages: "a whole number from 1 to 65533".</param>
/// <param name="Accepts">Whether a text is such a value.</param>
/// <param name="IsList">The option is a list of such values.</param>
internal sealed record OptionKind(string Name, Func<string, bool> Accepts, bool IsList = false)
{
    /// <summary>Any text.</summary>
    public static OptionKind Text { get; } = new("text", static text => text.Length > 0);

    /// <summary>true or false.</summary>
    public static OptionKind Flag { get; } = new("true or false", static text => bool.TryParse(text, out _));

    /// <summary>An absolute http or https URL without a path's trailing slash.</summary>
    public static OptionKind Url { get; } = new(
        "a URL that begins with http:// or https:// and does not end with a slash",
        static text => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && !text.EndsWith('/'));

    /// <summary>The URL of another registry; those of npm end with a slash.</summary>
    public static OptionKind Upstream { get; } = new(
        "a URL that begins with http:// or https:// and has no user, password or query",
        static text => Uri.TryCreate(text, UriKind.Absolute, out var url)
            && url is { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" }
            && !text.Any(static letter => char.IsControl(letter) || char.IsWhiteSpace(letter)));

    /// <summary>One or several addresses to listen on.</summary>
    public static OptionKind Addresses { get; } = new(
        "http://address:port (https:// with a certificate), or several of them separated by semicolons",
        static text => text.Split(';').All(static part => (part.StartsWith("http://", StringComparison.Ordinal) || part.StartsWith("https://", StringComparison.Ordinal)) && HasAddressAndPort(part)));

    /// <summary>A local address to listen on.</summary>
    public static OptionKind Bind { get; } = new(
        "an IP address of this machine, localhost, or * for all addresses",
        static text => text is "*" or "localhost" || IPAddress.TryParse(text, out _));

    /// <summary>A list of address ranges.</summary>
    public static OptionKind Networks { get; } = new(
        "an address or an address range such as 10.0.0.0/8",
        static text => IPNetwork.TryParse(text, out _) || IPAddress.TryParse(text, out _),
        IsList: true);

    /// <summary>A length of time longer than none, at most a day.</summary>
    public static OptionKind Span { get; } = new(
        "a length of time as hours:minutes:seconds",
        static text => TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) && span > TimeSpan.Zero && span <= TimeSpan.FromDays(1));

    /// <summary>A list of HTTP header names.</summary>
    public static OptionKind Headers { get; } = new(
        "a header name", static text => text.Length > 0 && text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'), IsList: true);

    /// <summary>One of some words.</summary>
    public static OptionKind OneOf(params string[] words) =>
        new($"one of {string.Join(", ", words)}", text => words.Contains(text, StringComparer.OrdinalIgnoreCase));

    /// <summary>A whole number within bounds.</summary>
    public static OptionKind Whole(long least, long most) =>
        new(
            $"a whole number from {least} to {most}",
            text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most);

    private static bool HasAddressAndPort(string text)
    {
        try
        {
            var address = BindingAddress.Parse(text);
            return address.Port > 0 && (address.Host is "*" or "localhost" || IPAddress.TryParse(address.Host.Trim('[', ']'), out _));
        }
        catch (FormatException)
        {
            return false;
        }
    }
}

/// <summary>One option an operator can set.</summary>
/// <param name="Key">Its key, sections separated by colons; <c>{name}</c> stands for a name the operator chooses.</param>
/// <param name="Kind">What values it takes.</param>
/// <param name="Default">What holds when it is not set, as the documentation says it.</param>
/// <param name="Meaning">What it does.</param>
/// <param name="Example">A value.</param>
internal sealed record OptionDefinition(string Key, OptionKind Kind, string Default, string Meaning, string Example)
{
    private readonly string[] _segments = Key.Split(':');

    /// <summary>Its first section; itself when it has none.</summary>
    public string Section => _segments[0];

    /// <summary>True for an option of Standalone itself rather than of a service.</summary>
    public bool IsStandalone => _segments.Length == 1 || Section is "RabbitMq" or "ConnectionStrings";

    /// <summary>True when a key names this option; the index of a list's element is not part of it.</summary>
    public bool Matches(string key)
    {
        var segments = key.Split(':');
        if (Kind.IsList && segments.Length == _segments.Length + 1 && int.TryParse(segments[^1], NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            segments = segments[..^1];
        }
        else if (Kind.IsList)
        {
            return false;
        }

        return segments.Length == _segments.Length && segments.Zip(_segments).All(static pair => IsSame(pair.First, pair.Second));
    }

    /// <summary>True when a key is a section this option lies in.</summary>
    public bool IsWithin(string key)
    {
        var segments = key.Split(':');
        return segments.Length < _segments.Length + (Kind.IsList ? 1 : 0) && segments.Zip(_segments).All(static pair => IsSame(pair.First, pair.Second));
    }

    private static bool IsSame(string given, string known) =>
        known.StartsWith('{') ? given.Length > 0 : string.Equals(given, known, StringComparison.OrdinalIgnoreCase);
}
