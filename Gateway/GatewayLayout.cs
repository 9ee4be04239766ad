using System.Net;

using Microsoft.Extensions.Options;

using Registry.Contracts.Http;
using Registry.Gateway.Mounts;
using Registry.Gateway.Tls;

namespace Registry.Gateway;

/// <summary>
/// The Gateway's configuration once it has been read and found valid: what listens, what is mounted, who is trusted and
/// where the services are.
/// </summary>
internal sealed record GatewayLayout(
    IReadOnlyList<Listener> Listeners,
    IReadOnlyList<Mount> Mounts,
    TrustedProxies TrustedProxies,
    IReadOnlyList<string> CredentialHeaders,
    long CacheBytes,
    string? BlobFolder,
    TlsCertificate? Tls,
    IReadOnlyDictionary<string, IReadOnlyList<Uri>> Services)
{
    private const string DefaultCredentialHeader = "X-API-Key";

    private static readonly string[] ServiceNamesNeeded =
        [ServiceNames.Auth, ServiceNames.Packages, ServiceNames.Storage, ServiceNames.Search, ServiceNames.Web];

    /// <summary>Reads and validates everything.</summary>
    /// <exception cref="OptionsValidationException">Names every fault found.</exception>
    public static GatewayLayout Read(IConfiguration configuration)
    {
        var faults = new List<string>();
        var options = Bind(configuration.GetSection(GatewayOptions.Section), faults);
        var tls = ReadTls(options.Tls, faults);
        var reader = new MountReader(faults, tls is null ? "http" : "https");
        var listeners = reader.ReadListeners(options.Listeners.Count > 0 ? options.Listeners : DefaultMounts.Listeners(tls is null ? "http" : "https"));
        var layout = new GatewayLayout(
            listeners,
            options.Mounts.Count > 0
                ? reader.ReadMounts(options.Mounts, listeners)
                : [.. DefaultMounts.Mounts.Where(mount => listeners.Any(listener => listener.Name == mount.Listener))],
            new TrustedProxies(ReadNetworks(options.TrustedProxies, faults)),
            ReadHeaders(options.CredentialHeaders, faults),
            options.CacheBytes >= 0 ? options.CacheBytes : Fault(faults, "Gateway:CacheBytes must not be negative", 0L),
            options.BlobFolder is { Length: > 0 } folder ? folder : null,
            tls,
            ServiceNamesNeeded.ToDictionary(name => name, name => (IReadOnlyList<Uri>)ReadAddresses(configuration, name, faults), StringComparer.Ordinal));
        return faults.Count == 0 ? layout : throw new OptionsValidationException(GatewayOptions.Section, typeof(GatewayOptions), faults);
    }

    private static GatewayOptions Bind(IConfigurationSection section, List<string> faults)
    {
        try
        {
            return section.Get<GatewayOptions>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new GatewayOptions();
        }
        catch (InvalidOperationException unreadable)
        {
            var innermost = unreadable.InnerException ?? unreadable;
            return Fault(faults, $"The section {GatewayOptions.Section} cannot be read: {innermost.Message}", new GatewayOptions());
        }
    }

    private static TlsCertificate? ReadTls(TlsOptions options, List<string> faults)
    {
        if (options is { CertificateFile: null or "", KeyFile: null or "" })
        {
            return null;
        }

        if (options is not { CertificateFile.Length: > 0, KeyFile.Length: > 0 })
        {
            return Fault<TlsCertificate?>(faults, "Gateway:Tls needs both CertificateFile and KeyFile", null);
        }

        var certificate = new TlsCertificate(options.CertificateFile, options.KeyFile, TimeProvider.System);
        if (certificate.Fault() is { } fault)
        {
            faults.Add($"Gateway:Tls: '{options.CertificateFile}' and '{options.KeyFile}' are not a certificate and its key: {fault}");
        }

        return certificate;
    }

    private static List<IPNetwork> ReadNetworks(IEnumerable<string> texts, List<string> faults)
    {
        var networks = new List<IPNetwork>();
        foreach (var text in texts)
        {
            if (IPNetwork.TryParse(text, out var network))
            {
                networks.Add(network);
            }
            else if (IPAddress.TryParse(text, out var address))
            {
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            }
            else
            {
                faults.Add($"Gateway:TrustedProxies: '{text}' is neither an address nor a CIDR range");
            }
        }

        return networks;
    }

    private static List<string> ReadHeaders(List<string> names, List<string> faults)
    {
        faults.AddRange(names
            .Where(name => name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            .Select(name => $"Gateway:CredentialHeaders: '{name}' is not the name of a header"));
        return names.Count > 0 ? names : [DefaultCredentialHeader];
    }

    private static List<Uri> ReadAddresses(IConfiguration configuration, string service, List<string> faults)
    {
        var addresses = new List<Uri>();
        foreach (var child in configuration.GetSection($"services:{service}:http").GetChildren())
        {
            if (Uri.TryCreate(child.Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            {
                addresses.Add(address);
            }
            else
            {
                faults.Add($"services:{service}:http:{child.Key}: '{child.Value}' is not the URL of a service");
            }
        }

        return addresses.Count > 0
            ? addresses
            : Fault(faults, $"The address of the service '{service}' is not configured: set services__{service}__http__0 to its URL", addresses);
    }

    private static T Fault<T>(List<string> faults, string fault, T instead)
    {
        faults.Add(fault);
        return instead;
    }
}
