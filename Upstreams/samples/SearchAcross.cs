using Registry.Upstreams;

namespace Samples;

/// <summary>One query to every registry of a <c>pantry.json</c>. One that is away does not hold the others up.</summary>
internal static class SearchAcross
{
    public static async Task RunAsync(string pantryJson, string query, TextWriter output)
    {
        using var manager = new RegistryManager { Failed = failure => output.WriteLine($"! {failure.Message}") };
        await manager.LoadFromFileAsync(pantryJson);

        var answer = await manager.SearchAsync(query);

        foreach (var (registry, package) in answer.Results)
        {
            await output.WriteLineAsync($"{package.Name}@{package.Version} ({registry.Name})");
        }
    }
}
