using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Publishing;

/// <summary>What a publish must satisfy whatever the package looks like.</summary>
internal static class PublishRules
{
    private const int LargestExponent = 308;

    /// <summary>Why the command cannot be carried out; null when it can.</summary>
    public static Refusal? Check(PublishCommand command)
    {
        if (command is { Access: RequestedAccess.Restricted, Name.Scope: null })
        {
            return Invalid("access_needs_scope", $"Only scoped packages can be restricted, and {command.Name} has no scope");
        }

        return IsStorable(command.Manifest)
            ? null
            : Invalid("manifest_not_storable", "The manifest contains text or a number that cannot be stored: a NUL character, half a surrogate pair, or a number beyond 1e308");
    }

    private static Refusal Invalid(string code, string message) => new(RefusalReason.Invalid, code, message);

    /// <summary>PostgreSQL's jsonb holds no NUL, no unpaired surrogate, and writes numbers out in full.</summary>
    private static bool IsStorable(JsonObject manifest)
    {
        byte[] bytes;
        try
        {
            bytes = Encoding.UTF8.GetBytes(manifest.ToJsonString());
        }
        catch (InvalidOperationException)
        {
            return false; // half a surrogate pair, found while writing
        }

        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 256 });
        while (reader.Read())
        {
            var fits = reader.TokenType switch
            {
                JsonTokenType.String or JsonTokenType.PropertyName => !reader.ValueIsEscaped || IsStorableText(ref reader),
                JsonTokenType.Number => IsStorableNumber(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan),
                _ => true,
            };
            if (!fits)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsStorableText(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()?.Contains('\0', StringComparison.Ordinal) == false;
        }
        catch (InvalidOperationException)
        {
            return false; // half a surrogate pair
        }
    }

    private static bool IsStorableNumber(ReadOnlySpan<byte> number)
    {
        var exponent = number.IndexOfAny((byte)'e', (byte)'E');
        return number.Length <= 400
            && (exponent < 0 || (int.TryParse(number[(exponent + 1)..], out var power) && Math.Abs((long)power) <= LargestExponent));
    }
}
