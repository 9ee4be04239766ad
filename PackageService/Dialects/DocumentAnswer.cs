using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

using Registry.PackageService.Packages;

namespace Registry.PackageService.Dialects;

/// <summary>A small document written for one request, with validators made from its bytes.</summary>
internal static class DocumentAnswer
{
    /// <summary>Writes the document, or 304 when the client has it.</summary>
    public static IResult Send(HttpContext context, bool isPublic, DateTimeOffset modifiedAt, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, ManifestJson.WriterOptions))
        {
            write(writer);
        }

        var etag = $"\"{Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan).AsSpan(0, 16))}\"";
        context.Response.SetValidators(etag, modifiedAt, Conditional.Revalidated(isPublic));
        return context.Request.IsNotModified(etag, modifiedAt)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : new BytesResult(buffer.WrittenMemory, "application/json; charset=utf-8");
    }
}
