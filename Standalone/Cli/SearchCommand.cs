using System.CommandLine;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Search;
using Registry.Standalone.Folder;

namespace Registry.Standalone.Cli;

/// <summary><c>search</c>: the search index, on the operator's word.</summary>
internal static class SearchCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>The command.</summary>
    public static Command Create() => new("search", "The search index.") { CreateRebuild(), CreateVerify() };

    private static Command CreateRebuild()
    {
        var command = new Command("rebuild", "Build a new index beside the one in use, compare it, and put it in use. Ending this command does not end the rebuild.");
        command.SetAction(async (line, cancellationToken) =>
        {
            using var client = ClientFor(line);
            var state = await client.SendAsync<RebuildResponse>(HttpMethod.Post, IndexRoutes.Rebuild, null, cancellationToken);
            for (var said = ""; state.IsRunning; state = await client.GetAsync<RebuildResponse>(IndexRoutes.Rebuild, cancellationToken))
            {
                var now = $"{state.Engine}: {state.Phase}, at {state.Position} of {state.Head}{(state.Message is null ? "" : $", {state.Message}")}";
                if (now != said)
                {
                    await Console.Out.WriteLineAsync(said = now);
                }

                await Task.Delay(Interval, cancellationToken);
            }

            await Console.Out.WriteLineAsync(state.Phase == "done" ? $"The new {state.Engine} index is equal to the packages and in use." : state.Message ?? "The rebuild failed.");
            return state.Phase == "done" ? 0 : 1;
        });
        return command;
    }

    private static Command CreateVerify()
    {
        var command = new Command("verify", "Compare the index in use with the packages (exit 1: it differs).");
        command.SetAction(async (line, cancellationToken) =>
        {
            using var client = ClientFor(line);
            var found = await client.SendAsync<VerifyResponse>(HttpMethod.Post, IndexRoutes.Verify, null, cancellationToken);
            await Console.Out.WriteLineAsync(
                $"{found.Engine}: {found.Packages} packages compared at position {found.Position}, {found.NotCompared} left out (changing or refused): {(found.Equal ? "equal" : "different")}");
            foreach (var difference in found.Differences)
            {
                await Console.Out.WriteLineAsync(
                    $"  {difference.Repository} {difference.Package}: {Say(difference.Indexed)} in the index, {Say(difference.Published)} published");
            }

            return found.Equal ? 0 : 1;
        });
        return command;
    }

    private static string Say(long? revision) => revision is null ? "nothing" : $"revision {revision}";

    private static OperatorClient ClientFor(ParseResult line) =>
        OperatorClient.For(DataFolder.Choose(line.GetValue(RegistryCommand.Data), out _), ServiceNames.Search);
}
