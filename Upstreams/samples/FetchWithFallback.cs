using Registry.Upstreams;

namespace Samples;

/// <summary>A package from the first registry that has it, and its tarball.</summary>
internal static class FetchWithFallback
{
    public static async Task<bool> RunAsync(RegistryManager manager, string name, string destination, TextWriter output)
    {
        if (await manager.FetchMetadataAsync(name) is not { } found)
        {
            await output.WriteLineAsync($"{name} is in no registry.");
            return false;
        }

        await output.WriteLineAsync($"{found.Value.Name}@{found.Value.Version} from {found.Registry.Name}: {found.Value.Description}");
        return await manager.OpenRegistry(found.Registry.Name).DownloadTarballAsync(name, found.Value.Version, destination); // from the same one
    }
}
