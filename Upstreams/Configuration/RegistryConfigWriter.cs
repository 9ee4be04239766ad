using System.Text;
using System.Text.Json;

namespace Registry.Upstreams.Configuration;

/// <summary>Writes a registry's configuration as the entry that <see cref="RegistryConfigReader"/> reads. Limits that only code can set are brought into those of the format.</summary>
internal static class RegistryConfigWriter
{
    public static string Write(RegistryConfig config, bool includeSecrets)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            Write(writer, config, includeSecrets);
        }

        return Encoding.UTF8.GetString(json.GetBuffer().AsSpan(0, (int)json.Length));
    }

    public static void Write(Utf8JsonWriter writer, RegistryConfig config, bool includeSecrets)
    {
        writer.WriteStartObject();
        writer.WriteString("name", config.Name);
        writer.WriteString("type", config.Type.ToString().ToLowerInvariant());
        writer.WriteString("url", config.Url.AbsoluteUri);
        writer.WriteNumber("priority", Math.Max(0, config.Priority));
        writer.WriteBoolean("enabled", config.Enabled);
        WriteAuth(writer, config.Auth, includeSecrets);
        WriteLimits(writer, config, includeSecrets);
        WriteCache(writer, config.Cache);
        WriteRules(writer, config.Rules);
        if (config.TarballHosts is { } hosts)
        {
            WriteTexts(writer, "tarballHosts", hosts);
        }
        else
        {
            writer.WriteNull("tarballHosts"); // said, so that an entry this one is read over does not show through
        }

        writer.WriteEndObject();
    }

    private static void WriteAuth(Utf8JsonWriter writer, RegistryAuth auth, bool includeSecrets)
    {
        writer.WriteStartObject("auth");
        writer.WriteString("type", auth.Type);
        var (shown, secret) = MembersOf(auth);
        foreach (var (key, value) in includeSecrets ? [.. shown, .. secret] : shown)
        {
            writer.WriteString(key, value);
        }

        writer.WriteEndObject();
    }

    private static ((string Key, string Value)[] Shown, (string Key, string Value)[] Secret) MembersOf(RegistryAuth auth) =>
        auth switch
        {
            RegistryAuth.Bearer bearer => ([], [("token", bearer.Token)]),
            RegistryAuth.Oidc oidc => ([], [("token", oidc.Token)]),
            RegistryAuth.Basic basic => ([("username", basic.Username)], [("password", basic.Password)]),
            RegistryAuth.Custom custom => ([("name", custom.Name)], [("value", custom.Value)]),
            _ => ([], []),
        };

    private static void WriteLimits(Utf8JsonWriter writer, RegistryConfig config, bool includeSecrets)
    {
        writer.WriteNumber("timeoutSeconds", Math.Clamp((int)Math.Ceiling(config.Timeout.TotalSeconds), 1, 600));
        if (config.Proxy is { } proxy)
        {
            writer.WriteString("proxy", (includeSecrets ? proxy : new UriBuilder(proxy) { Password = "" }.Uri).AbsoluteUri);
        }
        else
        {
            writer.WriteNull("proxy");
        }

        writer.WriteNumber("maxConnections", Math.Clamp(config.MaxConnections, 1, 1000));
        writer.WriteNumber("maxDocumentBytes", Math.Clamp(config.MaxDocumentBytes, 1024, int.MaxValue));
        writer.WriteNumber("maxTarballBytes", Math.Max(1024, config.MaxTarballBytes));
    }

    private static void WriteCache(Utf8JsonWriter writer, RegistryCache cache)
    {
        writer.WriteStartObject("cache");
        foreach (var (key, time) in PolicyRules.TimesOf(cache))
        {
            writer.WriteNumber(key, (int)time.TotalSeconds);
        }

        writer.WriteEndObject();
    }

    private static void WriteRules(Utf8JsonWriter writer, PackageRules rules)
    {
        WriteTexts(writer, "allow", rules.Allow.Select(static rule => rule.Pattern));
        writer.WriteStartArray("block");
        foreach (var rule in rules.Block)
        {
            if (rule.Reason is null)
            {
                writer.WriteStringValue(rule.Pattern);
                continue;
            }

            writer.WriteStartObject();
            writer.WriteString("package", rule.Pattern);
            writer.WriteString("reason", rule.Reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter writer, string key, IEnumerable<string> texts)
    {
        writer.WriteStartArray(key);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }
}
