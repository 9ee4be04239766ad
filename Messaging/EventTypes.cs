using System.Text.Json;

using Registry.Contracts.Events;
using Registry.ServiceDefaults;

namespace Registry.Messaging;

/// <summary>The events that may lie in an outbox, by the name they are written under.</summary>
internal static class EventTypes
{
    private static readonly Dictionary<string, Type> ByName =
        new[] { typeof(PackageChanged), typeof(AccessTokenRevoked) }.ToDictionary(type => type.Name, StringComparer.Ordinal);

    /// <summary>Reads an event back.</summary>
    /// <exception cref="InvalidDataException">This version does not know the event (a newer one wrote it), or its text is not one.</exception>
    public static IRegistryEvent Read(OutboxMessage row)
    {
        if (!ByName.TryGetValue(row.Type, out var type))
        {
            throw new InvalidDataException($"This version knows no event '{row.Type}'.");
        }

        try
        {
            return (IRegistryEvent)JsonSerializer.Deserialize(row.Body, type, RegistryJson.Options)!;
        }
        catch (JsonException unreadable)
        {
            throw new InvalidDataException($"The event '{row.Type}' in the outbox cannot be read.", unreadable);
        }
    }
}
