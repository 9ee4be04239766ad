using System.Security.Cryptography;

using Microsoft.Extensions.Options;

using Registry.Contracts.Http;
using Registry.ServiceDefaults.Assertions;

namespace Registry.Testing;

/// <summary>The assertion keys of a test run, and assertions made with them as the Gateway and the services make them.</summary>
public static class TestKeys
{
    /// <summary>PEM of the gateway's private key.</summary>
    public static string Gateway { get; } = NewKey();

    /// <summary>PEM of the services' private key.</summary>
    public static string Services { get; } = NewKey();

    /// <summary>Signs and checks with both keys.</summary>
    public static AssertionCodec Codec { get; } =
        new(Options.Create(new AssertionOptions { GatewayKey = Gateway, ServicesKey = Services }), TimeProvider.System);

    /// <summary>The settings every service needs.</summary>
    public static IReadOnlyDictionary<string, string?> Settings { get; } =
        new Dictionary<string, string?> { ["Assertions:GatewayKey"] = Gateway, ["Assertions:ServicesKey"] = Services };

    /// <summary>A signed-in caller.</summary>
    public static Caller User(string name, bool isAdministrator = false) => new()
    {
        Credential = CredentialState.Accepted,
        UserId = $"id-of-{name}",
        UserName = name,
        Email = $"{name}@example.test",
        IsAdministrator = isAdministrator,
        CredentialId = $"token:of-{name}",
    };

    /// <summary>A mount of the given dialect on repository <c>main</c>.</summary>
    public static MountContext Mount(string dialect, string publicUrl = "http://registry.test", bool isCanonical = true) =>
        new(dialect, dialect, "main", publicUrl, isCanonical);

    private static string NewKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }
}
