using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;

namespace Registry.ServiceDefaults.Assertions;

/// <summary>
/// The two P-256 keys behind assertions, as PEM text. A process that signs holds the private half, one that only checks
/// may hold the public half. The gateway's key signs for users; the services' key signs for services only, so a service
/// that is broken into cannot speak for a user.
/// </summary>
public sealed class AssertionOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Assertions";

    /// <summary>PEM of the gateway's key: private in the Gateway, public (or private) elsewhere.</summary>
    [Required(ErrorMessage = "Assertions:GatewayKey is missing: the PEM text of a P-256 key, private for the Gateway, public for the other services.")]
    public string GatewayKey { get; set; } = "";

    /// <summary>PEM of the services' key: private in services that call others.</summary>
    [Required(ErrorMessage = "Assertions:ServicesKey is missing: the PEM text of a P-256 key, private for services that call others.")]
    public string ServicesKey { get; set; } = "";

    /// <summary>Reads a PEM key of either half.</summary>
    /// <exception cref="CryptographicException">The text is not the PEM of a P-256 key.</exception>
    internal static ECDsa Import(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return key.KeySize == 256 ? key : throw new CryptographicException("The key is not on the curve P-256.");
        }
        catch (ArgumentException unreadable)
        {
            key.Dispose();
            throw new CryptographicException("The text is not a PEM key.", unreadable);
        }
        catch (CryptographicException)
        {
            key.Dispose();
            throw;
        }
    }
}
