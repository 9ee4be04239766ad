using Registry.Upstreams;
using Registry.Upstreams.Types;

namespace Samples;

/// <summary>A private registry that asks for a user and a password, used alone.</summary>
internal static class PrivateRegistry
{
    public static CustomRegistry SetUp(Uri url, string username, string password) =>
        new(RegistryConfig.Custom("private", url) with
        {
            Priority = 1,
            Auth = new RegistryAuth.Basic(username, password),
        });
}
