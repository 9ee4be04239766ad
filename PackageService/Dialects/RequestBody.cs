using Microsoft.AspNetCore.Http.HttpResults;

using Registry.PackageService.Features.Publishing.Bodies;
using Registry.ServiceDefaults;

namespace Registry.PackageService.Dialects;

/// <summary>A request's body, read whole within a bound.</summary>
/// <param name="Bytes">The bytes, inflated.</param>
/// <param name="Refusal">Why there are none; null when there are.</param>
internal sealed record RequestBody(ReadOnlyMemory<byte> Bytes, ProblemHttpResult? Refusal)
{
    public static async Task<RequestBody> ReadAsync(HttpRequest request, int mostBytes, CancellationToken cancellationToken)
    {
        try
        {
            await using var incoming = new IncomingBody(request.Body, mostBytes, cancellationToken);
            using var bytes = new MemoryStream();
            await incoming.CopyToAsync(bytes, cancellationToken);
            return new RequestBody(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), null);
        }
        catch (BodyRefusedException refused)
        {
            return new RequestBody(default, RegistryProblem.Create(refused.Refusal.Status, refused.Refusal.Code, refused.Refusal.Message));
        }
    }
}
