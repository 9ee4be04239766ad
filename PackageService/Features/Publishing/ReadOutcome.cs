using System.Text.Json.Nodes;

namespace Registry.PackageService.Features.Publishing;

/// <summary>How reading the body of a publish ended.</summary>
internal abstract record ReadOutcome
{
    private ReadOutcome()
    {
    }

    /// <summary>A version to publish.</summary>
    internal sealed record Read(PublishCommand Command) : ReadOutcome;

    /// <summary>Versions to publish all at once.</summary>
    internal sealed record ReadBatch(IReadOnlyList<PublishCommand> Commands) : ReadOutcome;

    /// <summary>The body is not acceptable. Nothing of it was kept, except perhaps a blob that no package refers to.</summary>
    /// <param name="Status">HTTP status, 400 to 599.</param>
    /// <param name="Code">Stable snake_case word.</param>
    /// <param name="Message">One sentence that names the place.</param>
    internal sealed record Refused(int Status, string Code, string Message) : ReadOutcome;

    /// <summary>There is a tarball where none may be; it was not read.</summary>
    internal sealed record TarballUnread : ReadOutcome;

    /// <summary>A document without an attachment: it changes an existing package (deprecate, star, owner, unpublish; npm protocol 3.5).</summary>
    internal sealed record NotAPublish(JsonObject Document) : ReadOutcome;
}
