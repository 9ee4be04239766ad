namespace Registry.PackageService.Features.Publishing.Bodies;

/// <summary>Where in a JSON body the tarball is.</summary>
/// <param name="Depth">How many keys lead to it.</param>
/// <param name="Matches">Says whether these keys, outermost first, lead to it.</param>
/// <param name="WhitespaceAllowed">Its base64 may contain blanks and line ends.</param>
internal sealed record TarballPlace(int Depth, Func<IReadOnlyList<string>, bool> Matches, bool WhitespaceAllowed)
{
    /// <summary>npm: the <c>data</c> of an attachment whose name ends in <c>.tgz</c>. Clients disagree about the rest of the name.</summary>
    public static TarballPlace Npm { get; } = new(
        3,
        static keys => keys[0] == "_attachments" && IsTarball(keys[1]) && keys[2] == "data",
        WhitespaceAllowed: false);

    /// <summary>pantry: the member <c>tarball</c> (P22), as people make it with base64 on a command line.</summary>
    public static TarballPlace Pantry { get; } = new(1, static keys => keys[0] == "tarball", WhitespaceAllowed: true);

    /// <summary>True when an attachment's name says that it is a tarball.</summary>
    public static bool IsTarball(string attachment) => attachment.EndsWith(".tgz", StringComparison.Ordinal);
}
