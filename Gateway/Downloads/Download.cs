using Registry.Contracts.Http;

namespace Registry.Gateway.Downloads;

/// <summary>The tarball that an answer is, put on its request's findings; once it was sent as a whole, it counts.</summary>
/// <param name="Tarball">In the words of the service that named it, which get back to it as they are.</param>
internal sealed record Download(string Tarball)
{
    private const int Longest = 512; // repository, name and version have bounds that leave room here

    /// <summary>What an answer says; null when it is no tarball.</summary>
    public static Download? In(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues(InternalHeaders.Download, out var values) && values.FirstOrDefault() is { Length: > 0 and <= Longest } tarball
            ? new Download(tarball)
            : null;
}
