using System.Security.Cryptography;

using Registry.Standalone.Processes;

namespace Registry.Standalone.Folder;

/// <summary>Passwords and keys, each in a file only the owner can read. Made when first asked for.</summary>
internal sealed class Secrets(DataFolder folder)
{
    /// <summary>PEM of the key the Gateway signs with.</summary>
    public string GatewayKey => Read("assertion-gateway.pem", NewKey);

    /// <summary>PEM of the key the other services sign with.</summary>
    public string ServicesKey => Read("assertion-services.pem", NewKey);

    /// <summary>What AuthService encrypts the secrets with that it shares with authenticators. Not to be lost: they could not be read without it.</summary>
    public string SecondFactorKey => Password("second-factor-key");

    /// <summary>What makes the first administrator.</summary>
    public string SetupToken => Password("setup-token");

    /// <summary>A password, made of 192 random bits in characters that need no quoting anywhere.</summary>
    public string Password(string name) => Read(name, static () => RandomNumberGenerator.GetHexString(48, lowercase: true));

    private static string NewKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }

    private string Read(string name, Func<string> create)
    {
        var path = Path.Combine(folder.Secrets, name);
        try
        {
            if (!File.Exists(path))
            {
                PrivateFiles.Write(path, create());
            }

            return File.ReadAllText(path).Trim();
        }
        catch (UnauthorizedAccessException)
        {
            throw new RefusedException($"The data directory {folder.Root} belongs to another user: {path} cannot be read.");
        }
    }
}
