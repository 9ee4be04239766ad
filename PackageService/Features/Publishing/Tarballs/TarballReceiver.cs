using Registry.PackageService.Features.Publishing.Bodies;
using Registry.PackageService.Packages;
using Registry.PackageService.Storage;

namespace Registry.PackageService.Features.Publishing.Tarballs;

/// <summary>A tarball whose bytes have all arrived; its blob appears when the publish that carries it was found acceptable.</summary>
/// <param name="SizeBytes">Its size.</param>
/// <param name="Integrity">Its digests.</param>
/// <param name="Inspection">What is inside.</param>
internal sealed record ReceivedTarball(long SizeBytes, Integrity Integrity, InspectionOutcome Inspection);

/// <summary>Receives tarballs: inspects them while they are on their way to storage.</summary>
internal sealed class TarballReceiver(StorageClient storage, PublishingOptions options)
{
    /// <summary>
    /// Receives one tarball. <paramref name="judge"/> runs when all of it was read and before the upload is completed: when
    /// it throws, the upload is cut off and nothing is stored.
    /// </summary>
    /// <param name="tarball">The tarball's bytes.</param>
    /// <param name="judge">Reads the rest of the body and decides.</param>
    /// <param name="cancellationToken">Cuts the upload off.</param>
    public async Task<T> ReceiveAsync<T>(
        Stream tarball, Func<ReceivedTarball, CancellationToken, Task<T>> judge, CancellationToken cancellationToken)
    {
        T? verdict = default;
        ReceivedTarball? received = null;
        var stored = await storage.StoreAsync(
            async (destination, token) =>
            {
                received = await InspectAsync(tarball, destination, token);
                verdict = await judge(received, token);
            },
            cancellationToken);
        return stored.Digest == received!.Integrity.Digest && stored.SizeBytes == received.SizeBytes
            ? verdict!
            : throw new BodyRefusedException(
                StatusCodes.Status502BadGateway, "storage_mismatch", "The tarball did not reach the store intact; publish again");
    }

    private async Task<ReceivedTarball> InspectAsync(Stream tarball, Stream destination, CancellationToken cancellationToken)
    {
        using var intake = new TarballIntake(tarball, destination, options.MaxTarballBytes);
        var inspection = await new TarballInspector(options).InspectAsync(intake, cancellationToken);
        if (inspection is InspectionOutcome.Rejected)
        {
            intake.IsRejected = true;
        }

        await intake.DrainAsync(cancellationToken);
        if (!intake.LooksLikeGzip)
        {
            inspection = new InspectionOutcome.Rejected(
                new ReadOutcome.Refused(StatusCodes.Status400BadRequest, "invalid_tarball", "The tarball is not gzip-compressed"));
        }

        return new ReceivedTarball(intake.SizeBytes, intake.Integrity(), inspection);
    }
}
