using System.Collections;
using System.Globalization;
using System.Net;

using Registry.Standalone.Folder;

namespace Registry.Standalone.Options;

/// <summary>What the operator asked for: <c>registry.json</c>, then the environment, then the command line; the later wins.</summary>
internal sealed class RegistryOptions
{
    private const string EnvironmentPrefix = "REGISTRY_";
    private readonly Dictionary<string, string> _values;

    private RegistryOptions(Dictionary<string, string> values) => _values = values;

    /// <summary>Everything that was set, by key.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>The first port, when one was chosen.</summary>
    public int? Port => this["Port"] is { } port ? int.Parse(port, CultureInfo.InvariantCulture) : null;

    /// <summary>The address to bind.</summary>
    public string Bind => this["Bind"] ?? "127.0.0.1";

    /// <summary>Every service runs as a process of its own.</summary>
    public bool IsSeparate => this["Services"] is { } wanted && bool.Parse(wanted);

    /// <summary>The listeners speak TLS.</summary>
    public bool UsesTls => this["Gateway:Tls:CertificateFile"] is not null;

    /// <summary>How many replicas of each service run.</summary>
    public int Replicas => this["Replicas"] is { } replicas ? int.Parse(replicas, CultureInfo.InvariantCulture) : 1;

    /// <summary>RabbitMQ's management interface is wanted.</summary>
    public bool RabbitMqManagement => this["RabbitMq:Management"] is { } wanted && bool.Parse(wanted);

    /// <summary>Packages that are not published here come from upstreams.</summary>
    public bool UsesUpstreams => this["Upstreams:Enabled"] is not { } wanted || bool.Parse(wanted);

    /// <summary>Others than the users of this machine can reach the registry.</summary>
    public bool IsExposed =>
        !IsLoopback(Bind)
        || _values.Keys.Any(static key => key.EndsWith("PublicUrl", StringComparison.OrdinalIgnoreCase))
        || _values.Any(static entry => IsListenerAddress(entry.Key) && entry.Value.Split(';').Any(static address => !IsLoopback(BindingAddress.Parse(address).Host)))
        || _values.Keys.Any(static key => key.StartsWith("Gateway:TrustedProxies", StringComparison.OrdinalIgnoreCase)) // somebody stands in front
        || (this["Accounts:Exposed"] is { } exposed && bool.Parse(exposed));

    /// <summary>The value of an option; null when it was not set.</summary>
    public string? this[string key] => _values.GetValueOrDefault(key);

    /// <summary>A connection string; null when none was given.</summary>
    public string? ConnectionString(string name) => this[$"ConnectionStrings:{name}"];

    /// <summary>Reads and checks everything.</summary>
    /// <exception cref="RefusedException">Something is wrong: every problem is named.</exception>
    public static RegistryOptions Load(DataFolder folder, IReadOnlyDictionary<string, string?> commandLine)
    {
        var problems = new List<string>();
        var values = RegistryFile.Read(folder, problems);
        Add(values, FromEnvironment(Environment.GetEnvironmentVariables()), "the environment", problems);
        Add(values, commandLine, "the command line", problems);
        var options = new RegistryOptions(values);
        if (problems.Count == 0 && options is { IsSeparate: false, Replicas: > 1 })
        {
            problems.Add("Replicas (--replicas) needs Services (--services): a process holds one of each.");
        }

        return problems.Count == 0
            ? options
            : throw new RefusedException($"{string.Join(Environment.NewLine, problems)}{Environment.NewLine}Options are described in docs/configuration.md; this data directory's file is {folder.Options}");
    }

    /// <summary>
    /// The options an environment holds. Keys of more than one word are written as ASP.NET Core does
    /// (<c>Accounts__SignUp</c>); the others with a prefix (<c>REGISTRY_PORT</c>), because <c>PORT</c> alone is anybody's.
    /// </summary>
    internal static Dictionary<string, string?> FromEnvironment(IDictionary variables)
    {
        var found = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry variable in variables)
        {
            var (name, value) = ((string)variable.Key, (string?)variable.Value);
            var key = name.Contains("__", StringComparison.Ordinal)
                ? name.Replace("__", ":", StringComparison.Ordinal)
                : name.StartsWith(EnvironmentPrefix, StringComparison.Ordinal) ? name[EnvironmentPrefix.Length..].Replace("_", "", StringComparison.Ordinal) : null;
            if (key is not null && !string.IsNullOrEmpty(value) && OptionTable.Find(key) is not null)
            {
                found[key] = value;
            }
        }

        return found;
    }

    private static void Add(Dictionary<string, string> values, IReadOnlyDictionary<string, string?> more, string from, List<string> problems)
    {
        foreach (var (key, value) in more)
        {
            if (value is null)
            {
                continue;
            }

            var option = OptionTable.Find(key) ?? throw new InvalidOperationException($"{key} is not in the table of options.");
            if (!option.Kind.Accepts(value))
            {
                problems.Add($"{option.Key}, given by {from}, must be {option.Kind.Name}, not '{value}'.");
            }

            values[key] = value;
        }
    }

    private static bool IsListenerAddress(string key) =>
        key.StartsWith("Gateway:Listeners:", StringComparison.OrdinalIgnoreCase) && key.EndsWith(":Address", StringComparison.OrdinalIgnoreCase);

    private static bool IsLoopback(string host) =>
        host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
