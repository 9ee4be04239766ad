namespace Registry.Gateway.Mounts;

/// <summary>A mount as configured.</summary>
/// <param name="Name">Its name in the configuration.</param>
/// <param name="Listener">Name of its listener.</param>
/// <param name="Host">Host name it answers to, lower case; null for any.</param>
/// <param name="Prefix">Path prefix, beginning and ending with a slash; may hold the segment <c>{repository}</c> at its end.</param>
/// <param name="Dialect">The dialect spoken there.</param>
/// <param name="Repository">The repository; null when the path names it.</param>
/// <param name="PublicUrl">Configured public URL without a trailing slash (and with <c>{repository}</c> where the prefix has it), or null.</param>
/// <param name="UsesUpstreams">What is not published there is asked of the upstreams.</param>
internal sealed record Mount(
    string Name, string Listener, string? Host, string Prefix, string Dialect, string? Repository, string? PublicUrl, bool UsesUpstreams = true)
{
    /// <summary>The segment that stands for the repository.</summary>
    public const string RepositorySegment = "{repository}";

    private readonly string _literal = Prefix.EndsWith($"/{RepositorySegment}/", StringComparison.Ordinal)
        ? Prefix[..^(RepositorySegment.Length + 1)]
        : Prefix;

    /// <summary>The mount holds everything its listener has no other mount for.</summary>
    public bool IsRoot => Prefix == "/";

    /// <summary>How much of a path the mount claims: longer wins.</summary>
    public int Specificity => Prefix.Length;

    /// <summary>
    /// Takes the mount's prefix off a raw target, byte for byte; nothing is decoded, so an encoded prefix is no prefix.
    /// The slash at its end may be missing.
    /// </summary>
    /// <returns>The rest and the repository, or null when the target is not below this mount.</returns>
    public MountMatch? Match(string rawTarget)
    {
        var pathEnd = EndOf(rawTarget, '?');
        if (!IsBelow(rawTarget.AsSpan(0, pathEnd), _literal))
        {
            return null;
        }

        var consumed = Math.Min(_literal.Length, pathEnd);
        if (Repository is not null)
        {
            return new MountMatch(this, Repository, Prefix.TrimEnd('/'), Rest(rawTarget, consumed));
        }

        var segmentEnd = rawTarget.AsSpan(consumed, pathEnd - consumed).IndexOf('/');
        var repository = segmentEnd < 0 ? rawTarget[consumed..pathEnd] : rawTarget.Substring(consumed, segmentEnd);
        return RepositoryName.IsValid(repository)
            ? new MountMatch(this, repository, $"{_literal}{repository}", Rest(rawTarget, Math.Min(consumed + repository.Length + 1, pathEnd)))
            : null;
    }

    private static int EndOf(string target, char mark) =>
        target.IndexOf(mark, StringComparison.Ordinal) is var at and >= 0 ? at : target.Length;

    private static bool IsBelow(ReadOnlySpan<char> path, ReadOnlySpan<char> prefix) =>
        path.StartsWith(prefix, StringComparison.Ordinal) || path.SequenceEqual(prefix[..^1]);

    // Below a root this is the target itself.
    private static string Rest(string rawTarget, int consumed) => rawTarget[consumed - 1] == '/' ? rawTarget[(consumed - 1)..] : "/" + rawTarget[consumed..];
}

/// <summary>A target found below a mount.</summary>
/// <param name="Mount">The mount.</param>
/// <param name="Repository">The repository the request is for.</param>
/// <param name="Path">What was stripped, without a trailing slash: empty, <c>/pantry</c>, <c>/r/main</c>.</param>
/// <param name="Target">The target as the service gets it.</param>
internal sealed record MountMatch(Mount Mount, string Repository, string Path, string Target)
{
    /// <summary>What is not published is asked of the upstreams: as the mount says, but a path may name loft's repository, which has none.</summary>
    public bool UsesUpstreams => Mount.UsesUpstreams && Repository != DefaultMounts.LoftRepository;
}

/// <summary>The rule for names of repositories, which appear in URLs: lower-case letters, digits, and <c>-</c> <c>_</c> <c>.</c> inside.</summary>
internal static class RepositoryName
{
    private const int MaxLength = 64;

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= MaxLength
        && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.');
}
