using System.Text.Json.Serialization;

using Registry.Contracts.Http.Packages;

namespace Registry.Contracts.Events;

/// <summary>A package changed in a way that alters some answer about it. Published by PackageService.</summary>
/// <param name="EventId">Identifies this occurrence.</param>
/// <param name="OccurredAt">When the change was made, UTC.</param>
/// <param name="Repository">Repository the package lives in, for example <c>main</c>.</param>
/// <param name="Package">Canonical full name, <c>name</c> or <c>@scope/name</c>.</param>
/// <param name="Kind">What changed.</param>
/// <param name="Version">The version concerned, when the change concerns one.</param>
/// <param name="Revision">The package's revision after the change: its position in <c>changes</c>.</param>
public sealed record PackageChanged(
    Guid EventId,
    DateTimeOffset OccurredAt,
    string Repository,
    string Package,
    [property: JsonConverter(typeof(PackageChangeKindConverter))] PackageChangeKind Kind,
    string? Version,
    long Revision) : IRegistryEvent;

/// <summary>What a change in the feed did to its package.</summary>
public enum PackageChangeKind
{
    /// <summary>A version was published.</summary>
    Published,

    /// <summary>A version was removed and its number retired.</summary>
    Unpublished,

    /// <summary>The whole package was removed and its versions' numbers retired.</summary>
    Removed,

    /// <summary>A dist-tag was set, moved or deleted.</summary>
    Tagged,

    /// <summary>A version was deprecated or undeprecated.</summary>
    Deprecated,

    /// <summary>The list of maintainers changed.</summary>
    Maintainers,

    /// <summary>Who may read the package changed.</summary>
    Access,

    /// <summary>Somebody starred the package or took the star back.</summary>
    Starred,

    /// <summary>What only a later release can name. Consumers re-read the package whatever the kind is.</summary>
    Other,
}
