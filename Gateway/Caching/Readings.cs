using System.Collections.Concurrent;

namespace Registry.Gateway.Caching;

/// <summary>
/// What headers were read as, by their text: clients send the same few again and again, and reading one costs as much as all the rest of an
/// answer from memory. Bounded; texts beyond that are read each time.
/// </summary>
internal sealed class Readings<T>(Func<string, T> read)
{
    private const int MostTexts = 1000;
    private const int LongestText = 256;

    private readonly ConcurrentDictionary<string, T> _known = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>What the text is read as.</summary>
    public T Of(string text)
    {
        if (_known.TryGetValue(text, out var known))
        {
            return known;
        }

        var value = read(text);
        if (text.Length <= LongestText && Volatile.Read(ref _count) < MostTexts && _known.TryAdd(text, value))
        {
            Interlocked.Increment(ref _count);
        }

        return value;
    }
}
