namespace Registry.PackageService.Features.Publishing.Bodies;

/// <summary>
/// A body that is not acceptable, noticed in the depth of a stream. It is an exception because it has to cut off the upload
/// to storage on its way out; <see cref="PublishBodyReader"/> turns it into the outcome it carries.
/// </summary>
internal sealed class BodyRefusedException(int status, string code, string message) : Exception(message)
{
    /// <summary>The refusal.</summary>
    public ReadOutcome.Refused Refusal { get; } = new(status, code, message);

    /// <summary>A body that breaks a rule: 400.</summary>
    public static BodyRefusedException Invalid(string code, string message) => new(StatusCodes.Status400BadRequest, code, message);

    /// <summary>A body over a limit: 413.</summary>
    public static BodyRefusedException TooLarge(string code, string message) => new(StatusCodes.Status413PayloadTooLarge, code, message);
}
