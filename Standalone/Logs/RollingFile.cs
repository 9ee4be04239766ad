using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace Registry.Standalone.Logs;

/// <summary>
/// A log file of bounded size: at 10 MB it is renamed to <c>.1</c>, older ones move up, the fifth is dropped. Lines wait
/// in a bounded queue, so a slow disk costs lines (counted and said), never requests.
/// </summary>
internal sealed class RollingFile : IAsyncDisposable
{
    private const long MaxBytes = 10 * 1024 * 1024;
    private const int KeptFiles = 5;
    private const int MaxLineLength = 16 * 1024;

    private readonly string _path;
    private readonly Channel<string> _lines = Channel.CreateBounded<string>(
        new BoundedChannelOptions(8192) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly Task _writing;
    private long _dropped;

    public RollingFile(string path)
    {
        _path = path;
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Queues a line; does not wait.</summary>
    public void Write(string line)
    {
        if (!_lines.Writer.TryWrite(line.Length > MaxLineLength ? line[..MaxLineLength] + "…" : line))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await _writing;
    }

    private async Task WriteAsync()
    {
#pragma warning disable CA2000 // disposed of in the end, or when the file is replaced
        var writer = Open();
#pragma warning restore CA2000
        try
        {
            while (await _lines.Reader.WaitToReadAsync())
            {
                while (_lines.Reader.TryRead(out var line))
                {
                    await writer.WriteLineAsync(line);
                }

                if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
                {
                    await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{dropped} lines were dropped: the disk was too slow"));
                }

                writer = await FlushAsync(writer);
            }
        }
        catch (IOException)
        {
            // A full disk must not stop the registry; the lines are lost and the queue fills up.
            _lines.Writer.TryComplete();
        }
        finally
        {
            await CloseAsync(writer);
        }
    }

    private static async Task CloseAsync(StreamWriter writer)
    {
        try
        {
            await writer.DisposeAsync();
        }
        catch (IOException)
        {
            // The disk is full still: nothing may wait for these lines, least of all the end of the servers.
        }
    }

    private async Task<StreamWriter> FlushAsync(StreamWriter writer)
    {
        await writer.FlushAsync();
        if (writer.BaseStream.Length < MaxBytes)
        {
            return writer;
        }

        await writer.DisposeAsync();
        for (var age = KeptFiles - 1; age > 0; age--)
        {
            var from = age == 1 ? _path : $"{_path}.{age - 1}";
            if (File.Exists(from))
            {
                File.Move(from, $"{_path}.{age}", overwrite: true);
            }
        }

        return Open();
    }

    private StreamWriter Open() =>
        new(new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete), new UTF8Encoding(false));
}
