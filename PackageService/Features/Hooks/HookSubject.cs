using System.Net;

using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Hooks;

/// <summary>What a hook is about: a package, a scope, or what somebody maintains.</summary>
/// <param name="Type"><c>package</c>, <c>scope</c> or <c>owner</c>.</param>
/// <param name="Name">The package, the scope with its <c>@</c>, or the maintainer.</param>
internal sealed record HookSubject(string Type, string Name)
{
    private const int LongestOwner = 214;

    /// <summary>Reads the subject; null when it is none. A scope may lack its <c>@</c>; an owner may have npm's <c>~</c>.</summary>
    public static HookSubject? Of(string? type, string? name) =>
        (type, name) switch
        {
            ("package", { } package) when PackageName.TryParse(package, out var parsed) => new HookSubject(type, parsed.Value),
            ("scope", { } scope) when PackageName.TryParse($"@{scope.TrimStart('@')}/x", out var parsed) => new HookSubject(type, $"@{parsed.Scope}"),
            ("owner", { Length: > 0 and <= LongestOwner } owner) when owner.Trim('~').Length > 0 && !owner.Any(char.IsControl) => new HookSubject(type, owner.TrimStart('~')),
            _ => null,
        };
}

/// <summary>Where a hook leads and what signs for it.</summary>
internal static class HookMembers
{
    /// <summary>Longest endpoint.</summary>
    public const int LongestEndpoint = 2000;

    /// <summary>Longest secret.</summary>
    public const int LongestSecret = 1024;

    /// <summary>The endpoint, or null when deliveries cannot go there: not http, with a password in it, or an address inside a network.</summary>
    public static Uri? EndpointOf(string? text, HookConnections connections) =>
        text is { Length: <= LongestEndpoint }
        && Uri.TryCreate(text, UriKind.Absolute, out var endpoint)
        && (endpoint.Scheme == Uri.UriSchemeHttp || endpoint.Scheme == Uri.UriSchemeHttps)
        && endpoint.UserInfo.Length == 0
        && (!IPAddress.TryParse(endpoint.DnsSafeHost, out var address) || connections.Allows(address))
            ? endpoint
            : null;

    /// <summary>The text can be a secret.</summary>
    public static bool IsSecret(string? text) => text is { Length: > 0 and <= LongestSecret } && !text.Any(char.IsControl);
}
