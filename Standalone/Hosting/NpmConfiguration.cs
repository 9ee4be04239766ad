using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;

using Registry.Standalone.Options;
using Registry.Standalone.Processes;

namespace Registry.Standalone.Hosting;

/// <summary>What npm on this machine is configured with: nothing here knows a registry by itself.</summary>
internal static class NpmConfiguration
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The registry npm installs from.</summary>
    /// <param name="npm">The program; null when there is none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Its URL, or the reason why it cannot be had.</returns>
    public static async Task<(Uri? Registry, string? Reason)> RegistryAsync(string? npm, CancellationToken cancellationToken)
    {
        if (npm is null)
        {
            return (null, "npm is not installed");
        }

        // In the root folder, where no project says otherwise and nobody else can leave a file for npm.
        var folder = Path.GetPathRoot(Environment.CurrentDirectory)!;
        var answer = await ProgramRun.RunAsync(
            new ProcessStartInfo(npm, ["config", "get", "registry", "--no-update-notifier", "--loglevel=error"]) { WorkingDirectory = folder }, Limit, cancellationToken);

        // Its warnings come in the same text; a URL that we do not take may hold a password, so none of it is repeated.
        var urls = answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(OptionKind.Upstream.Accepts).ToList();
        return answer.ExitCode == 0 && urls is [var url]
            ? (new Uri(url), null)
            : (null, "npm does not say from which registry it installs");
    }

    /// <summary>A file of upstreams with this one in it.</summary>
    public static string AsPantryFile(Uri registry) =>
        JsonSerializer.Serialize(new { registries = new[] { new { name = "npm", type = "npm", url = registry.AbsoluteUri, priority = 20 } } }, Format) + "\n";
}
