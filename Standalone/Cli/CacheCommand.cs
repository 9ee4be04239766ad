using System.CommandLine;
using System.Globalization;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Packages;
using Registry.Standalone.Folder;

using Spectre.Console;

namespace Registry.Standalone.Cli;

/// <summary><c>cache</c>: what is kept of upstreams, on the operator's word.</summary>
internal static class CacheCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("cache", "What is kept of upstreams.") { CreateEvict() };
        command.SetAction(async (line, cancellationToken) =>
        {
            using var client = ClientFor(line);
            var kept = await client.GetAsync<UpstreamCacheResponse>(PackageRoutes.UpstreamCache, cancellationToken);
            var table = Tables.New("upstream", "packuments", "tarballs", "bytes");
            foreach (var upstream in kept.Upstreams)
            {
                table.AddRow(Tables.Cells(upstream.Upstream, Say(upstream.Packuments), Say(upstream.Tarballs), Say(upstream.Bytes)));
            }

            table.AddRow(Tables.Cells(
                "all", Say(kept.Upstreams.Sum(static one => one.Packuments)), Say(kept.Upstreams.Sum(static one => one.Tarballs)), Say(kept.Upstreams.Sum(static one => one.Bytes))));
            Tables.Show(table);
            return 0;
        });
        return command;
    }

    private static Command CreateEvict()
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would leave" };
        var command = new Command("evict", "Make room now: what is beyond Upstreams:CacheBytes, unused or of a removed upstream leaves. What is published never does.") { dryRun };
        command.SetAction(async (line, cancellationToken) =>
        {
            using var client = ClientFor(line);
            var path = line.GetValue(dryRun) ? $"{PackageRoutes.EvictUpstreamCache}?dryRun=true" : PackageRoutes.EvictUpstreamCache;
            var made = await client.SendAsync<EvictionResponse>(HttpMethod.Post, path, null, cancellationToken);
            var table = Tables.New("upstream", "package", "version", "bytes", "last used");
            foreach (var tarball in made.First)
            {
                table.AddRow(Tables.Cells(tarball.Upstream, tarball.Name, tarball.Version, Say(tarball.SizeBytes), UserCommand.Say(tarball.UsedAt)));
            }

            if (made.First.Count > 0)
            {
                Tables.Show(table);
            }

            await Console.Out.WriteLineAsync(
                $"{Say(made.Tarballs)} tarballs of {Say(made.Bytes)} bytes and {Say(made.Packuments)} packuments {(made.DryRun ? "would leave" : "have left")}.{(made.Tarballs > made.First.Count ? " The first are above." : "")}");
            return 0;
        });
        return command;
    }

    private static string Say(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static OperatorClient ClientFor(ParseResult line) =>
        OperatorClient.For(DataFolder.Choose(line.GetValue(RegistryCommand.Data), out _), ServiceNames.Packages);
}
