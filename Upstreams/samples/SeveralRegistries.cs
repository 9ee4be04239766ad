using Registry.Upstreams;

namespace Samples;

/// <summary>Several registries, and the first one of a type.</summary>
internal static class SeveralRegistries
{
    public static void Run(Uri npm, Uri github, Uri company, TextWriter output)
    {
        using var manager = new RegistryManager();
        manager.AddRegistry(RegistryConfig.Npm(npm));
        manager.AddRegistry(RegistryConfig.GitHub(github));
        manager.AddRegistry(RegistryConfig.Custom("company", company) with
        {
            Priority = 15,
            Auth = new RegistryAuth.Bearer("token"),
        });

        foreach (var config in manager.Registries)
        {
            output.WriteLine(config);
        }

        output.WriteLine($"npm: {manager.GetRegistryByType(RegistryType.Npm)?.Url}");
    }
}
