using System.CommandLine;
using System.Globalization;

using Registry.Standalone.Folder;
using Registry.Standalone.Options;
using Registry.StorageService;
using Registry.StorageService.Features.Copying;

namespace Registry.Standalone.Cli;

/// <summary><c>blobs</c>: moves the bytes of packages from one store to another.</summary>
internal static class BlobsCommand
{
    private const string Configured = "s3";
    private static readonly TimeSpan ShowEvery = TimeSpan.FromSeconds(2);

    private static readonly Option<string> From = Store("--from", "Where the blobs are");
    private static readonly Option<string> To = Store("--to", "Where they shall be");
    private static readonly Option<bool> Verify = new("--verify") { Description = "Read every blob back, also those that were there" };

    /// <summary>The command.</summary>
    public static Command Create() => new("blobs", "The bytes of packages.") { CreateCopy() };

    private static Option<string> Store(string name, string description) =>
        new(name) { Required = true, Description = $"{description}: disk:/path, s3:Endpoint=…;Bucket=…, or s3 for ConnectionStrings:s3", HelpName = "STORE" };

    private static Command CreateCopy()
    {
        var command = new Command("copy", "Copy all blobs from one store to another; run again, it goes on where it stopped.") { From, To, Verify };
        command.SetAction(async (line, cancellationToken) =>
        {
            var options = RegistryOptions.Load(DataFolder.Choose(line.GetValue(RegistryCommand.Data), out _), new Dictionary<string, string?>());
            var stores = (AddressOf(line.GetRequiredValue(From), options), AddressOf(line.GetRequiredValue(To), options));
            var ended = await CopyAsync(stores, options["Tls:CaFile"], line.GetValue(Verify), cancellationToken);
            await Console.Out.WriteLineAsync(Say(ended));
            return ended.Failed == 0
                ? 0
                : throw new RefusedException(string.Create(CultureInfo.InvariantCulture, $"{ended.Failed} blobs could not be copied. The last: {ended.LastFault}"));
        });
        return command;
    }

    private static async Task<BlobCopyProgress> CopyAsync((string From, string To) stores, string? caFile, bool verify, CancellationToken cancellationToken)
    {
        var shownAt = TimeProvider.System.GetTimestamp();
        try
        {
            return await StorageServiceApp.CopyBlobsAsync(stores, caFile, verify, Show, cancellationToken);
        }
        catch (InvalidOperationException wrong)
        {
            throw new RefusedException(wrong.Message);
        }

        void Show(BlobCopyProgress progress)
        {
            if (TimeProvider.System.GetElapsedTime(shownAt) > ShowEvery)
            {
                shownAt = TimeProvider.System.GetTimestamp();
                Console.Error.WriteLine($"  {Say(progress)} …");
            }
        }
    }

    private static string AddressOf(string store, RegistryOptions options) =>
        store != Configured ? store
        : options.ConnectionString(Configured) is { } configured ? $"{Configured}:{configured}"
        : throw new RefusedException("ConnectionStrings:s3 is not set: put it into registry.json or the environment, or write s3:Endpoint=…;Bucket=…");

    private static string Say(BlobCopyProgress progress) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{progress.Copied} copied ({progress.CopiedBytes / 1_000_000.0:0.0} MB), {progress.Skipped} were there, {progress.Failed} failed");
}
