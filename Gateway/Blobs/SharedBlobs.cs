using System.Globalization;

using Microsoft.Net.Http.Headers;
using Microsoft.Win32.SafeHandles;

using Registry.Contracts.Http.Storage;
using Registry.Gateway.Caching;

namespace Registry.Gateway.Blobs;

/// <summary>
/// Where StorageService keeps its files in a folder that the Gateway has too (<c>Gateway:BlobFolder</c>), sends large ones from there, in pieces
/// that are read once and written once; through StorageService the same bytes would be copied three times. What is small goes through
/// memory, and what cannot be opened here is StorageService's to send, or to say what is wrong with it.
/// </summary>
internal sealed class SharedBlobs(GatewayLayout layout)
{
    private const int PieceBytes = 256 * 1024;

    private readonly string? _folder = layout.BlobFolder is { } root ? BlobFiles.FolderIn(root) : null;

    /// <summary>Sends the blob, or the range of it that was asked for, under the headers on the response.</summary>
    /// <param name="context">A GET or HEAD that may have the blob.</param>
    /// <param name="hex">The 64 lower-case digits of its SHA-256.</param>
    /// <returns>False when nothing was done.</returns>
    /// <exception cref="IOException">It could not be read to its end; the connection has to be cut.</exception>
    public async Task<bool> TrySendAsync(HttpContext context, string hex)
    {
        using var file = _folder is null ? null : Open(BlobFiles.PathOf(_folder, hex));
        if (file is null || RandomAccess.GetLength(file) is not (> AnswerMemory.MaxTarballBytes and var length))
        {
            return false;
        }

        context.Features.Get<AnswerFill>()?.LetOthersGo();
        context.Response.Headers.AcceptRanges = "bytes";
        var (from, count) = HttpMethods.IsGet(context.Request.Method) ? Choose(context, length) : (0, length);
        context.Response.ContentLength = count;
        await context.Response.StartAsync(context.RequestAborted);
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await CopyAsync(file, (from, count), context);
        }

        return true;
    }

    private static SafeFileHandle? Open(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Sets the status: one range that can be satisfied is 206, one that cannot is 416, and anything else is answered as if it had not been asked (RFC 9110, 14.2).</summary>
    private static (long From, long Count) Choose(HttpContext context, long length)
    {
        var answer = context.Response;
        if (RangeCondition.Wanted(context) is not { } text
            || !RangeHeaderValue.TryParse(text, out var wanted) || wanted.Unit != "bytes" || wanted.Ranges.Count != 1)
        {
            return (0, length);
        }

        var range = wanted.Ranges.First();
        var from = range.From ?? Math.Max(0, length - range.To!.Value);
        var to = range.From is null ? length - 1 : Math.Min(range.To ?? long.MaxValue, length - 1);
        if (from > to)
        {
            answer.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            answer.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{length}");
            BlobTransformer.ForgetContent(answer.Headers);
            return (0, 0);
        }

        answer.StatusCode = StatusCodes.Status206PartialContent;
        answer.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{to}/{length}");
        return (from, to - from + 1);
    }

    private static async Task CopyAsync(SafeFileHandle file, (long From, long Count) range, HttpContext context)
    {
        var (at, left) = range;
        var writer = context.Response.BodyWriter;
        while (left > 0)
        {
            var piece = writer.GetMemory(PieceBytes);
            var read = await RandomAccess.ReadAsync(file, piece[..(int)Math.Min(piece.Length, left)], at, context.RequestAborted);
            if (read == 0)
            {
                throw new IOException("A blob is shorter than it was.");
            }

            writer.Advance(read);
            (at, left) = (at + read, left - read);
            await writer.FlushAsync(context.RequestAborted);
        }
    }
}
