using System.Collections.Frozen;
using System.Net;

namespace Registry.Gateway.Mounts;

/// <summary>
/// A listener as configured. Kestrel puts it on every connection it accepts, so a request knows where it came in
/// without comparing ports.
/// </summary>
/// <param name="Name">Its name in the configuration.</param>
/// <param name="Bindings">The addresses it binds.</param>
/// <param name="PublicUrl">The URL clients reach it under, without a trailing slash; null when none is configured.</param>
/// <param name="Hosts">Names and addresses that lead here directly; together with the port they make canonical URLs.</param>
internal sealed record Listener(string Name, IReadOnlyList<Binding> Bindings, string? PublicUrl, FrozenSet<string> Hosts);

/// <summary>An address to bind.</summary>
/// <param name="Address">The IP address; null binds both loopback addresses.</param>
/// <param name="Port">The port; 0 lets the system choose.</param>
internal sealed record Binding(IPAddress? Address, int Port);
