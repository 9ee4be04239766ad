using System.Globalization;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.Standalone.Cli;
using Registry.Standalone.Folder;

namespace Registry.Standalone.Hosting;

/// <summary>What the operator reads when everything runs: where it is, and the first three commands.</summary>
internal static class Welcome
{
    /// <summary>Prints it.</summary>
    public static async Task PrintAsync(
        TextWriter terminal, DataFolder folder, Listeners listeners, ServiceSettings settings, TimeSpan took, CancellationToken cancellationToken)
    {
        var urls = listeners.LocalUrls;
        await terminal.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"""

            The registry is ready ({took.TotalSeconds:0.0} s).

              web, native API   {urls["web"]}/
              npm, pantry       {urls["npm"]}/
              loft              {urls["loft"]}/
              upstream          {settings.Upstreams.Describe()}
              data              {folder.Root}
              logs              {folder.Logs}
            """));
        if (await SetupTokenAsync(folder, settings, cancellationToken) is { } token)
        {
            await terminal.WriteLineAsync($"""

                There is no administrator yet. Make one with ./registry user add NAME --admin, or with this set-up token:
                  {token}
                """);
        }

        await terminal.WriteLineAsync($"""

            Publish and install a first package:
              npm login --registry {urls["npm"]}/
              npm publish --registry {urls["npm"]}/          (in the folder of a package)
              npm install --registry {urls["npm"]}/ NAME     (in the folder of a project)
            """);
    }

    /// <summary>The set-up token while it is of use; null once there is an administrator.</summary>
    private static async Task<string?> SetupTokenAsync(DataFolder folder, ServiceSettings settings, CancellationToken cancellationToken)
    {
        using var client = new OperatorClient(folder, new Uri(settings.AddressOf(ServiceNames.Auth)));
        try
        {
            var setup = await client.GetAsync<SetupResponse>(AuthRoutes.Setup, cancellationToken);
            return setup.HasAdministrator ? null : new Secrets(folder).SetupToken;
        }
        catch (RefusedException)
        {
            // Healthy, and yet it does not say: not worth failing a start for.
            return null;
        }
    }
}
