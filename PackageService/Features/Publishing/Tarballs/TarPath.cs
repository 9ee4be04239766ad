using Registry.PackageService.Features.Publishing.Bodies;

namespace Registry.PackageService.Features.Publishing.Tarballs;

/// <summary>
/// The path of an entry: a root folder of any name, which installers strip, and a path below it that stays below it on every
/// system.
/// </summary>
/// <param name="Root">The root folder.</param>
/// <param name="Below">The path below it, without a slash at its end; empty for the root folder itself.</param>
internal readonly record struct TarPath(string Root, string Below)
{
    private const int MaxLength = 1024;

    /// <summary>How deep the entry's folder is below the root.</summary>
    private int Depth => Below.AsSpan().Count('/');

    /// <summary>Checks and takes apart the path of an entry.</summary>
    /// <exception cref="BodyRefusedException">It is unsafe.</exception>
    public static TarPath Parse(string path)
    {
        RefuseUnsafe(path, "path");
        var trimmed = path.EndsWith('/') ? path[..^1] : path;
        var segments = trimmed.Split('/');
        // tar writes "./a" for everything below the current folder; then "." is the root folder's name.
        if (segments.Skip(1).Any(segment => segment is "" or "." or "..") || segments[0] is "" or "..")
        {
            throw Unsafe("path", path);
        }

        return new TarPath(segments[0], string.Join('/', segments.Skip(1)));
    }

    /// <summary>Checks that a symbolic link at this path points to somewhere below the root folder.</summary>
    /// <remarks>Once a name was entered there is no way up any more: the name may itself be a link to somewhere higher.</remarks>
    public void CheckSymbolicTarget(string target)
    {
        RefuseUnsafe(target, "link target");
        var segments = target.Split('/');
        var up = segments.TakeWhile(segment => segment is "..").Count();
        if (segments[0] == "" || up > Depth || segments.Skip(up).Contains(".."))
        {
            throw Unsafe("link target", target);
        }
    }

    /// <summary>Checks that a hard link points to an entry below the same root folder.</summary>
    public void CheckHardTarget(string target)
    {
        if (Parse(target).Root != Root)
        {
            throw Unsafe("link target", target);
        }
    }

    private static void RefuseUnsafe(string path, string what)
    {
        if (path.Length is 0 or > MaxLength
            || path.Any(char.IsControl)
            || path.Contains('\\', StringComparison.Ordinal)
            || (path.Length > 1 && path[1] == ':' && char.IsAsciiLetter(path[0])))
        {
            throw Unsafe(what, path);
        }
    }

    private static BodyRefusedException Unsafe(string what, string path) =>
        BodyRefusedException.Invalid("invalid_tarball", $"The tarball contains an unsafe {what}: {JsonReading.Printable(path)}");
}
