namespace Registry.Upstreams.Http;

/// <summary>Hosts by name, and all below a name: <c>*.example.test</c>.</summary>
internal static class HostNames
{
    public static bool Includes(IReadOnlyList<string> names, string host)
    {
        var asked = host.TrimEnd('.');
        return names.Any(name => name.StartsWith("*.", StringComparison.Ordinal)
            ? asked.EndsWith(name[1..], StringComparison.OrdinalIgnoreCase)
            : asked.Equals(name, StringComparison.OrdinalIgnoreCase));
    }
}
