using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Registry.PackageService.Features.Hooks;

/// <summary>Limits of hooks: configuration section <c>Hooks</c>.</summary>
internal sealed class HooksOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Hooks";

    /// <summary>Hooks an account may have. Default: 100.</summary>
    [Range(0, 10_000)]
    public int MaxPerAccount { get; set; } = 100;

    /// <summary>Addresses and networks (CIDR) that hooks may lead to although they are not public. Default: none.</summary>
    public List<string> AllowedNetworks { get; init; } = [];

    /// <summary>How many seconds an endpoint may take to answer. Default: 10.</summary>
    [Range(1, 50)]
    public int TimeoutSeconds { get; set; } = 10;

    /// <summary>Deliveries under way at once in a process; of them one to a host. Default: 8.</summary>
    [Range(1, 256)]
    public int MaxInFlight { get; set; } = 8;

    /// <summary>The networks, read.</summary>
    internal IReadOnlyList<IPNetwork> Networks => [.. AllowedNetworks.Select(static text => NetworkOf(text)!.Value)];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        AllowedNetworks.Where(static text => NetworkOf(text) is null)
            .Select(static text => new ValidationResult($"Hooks:AllowedNetworks: '{text}' is not an address or a network such as 10.0.0.0/8.", [nameof(AllowedNetworks)]));

    private static IPNetwork? NetworkOf(string text) =>
        IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : null;
}
