using System.Diagnostics.CodeAnalysis;

namespace Registry.Gateway.Caching;

/// <summary>
/// Memory for answers that can be forgotten by tag. Bounded by entries and bytes (least recently used leave first);
/// concurrent requests for one key make one fill. A fill that an eviction of its tag overtook, even when its tag became
/// known only at its end, is good for the one who asked before the eviction and for nobody else: it is not kept.
/// </summary>
/// <param name="limits">How much it holds.</param>
/// <param name="clock">For entries with a lifetime.</param>
internal sealed class EvictableCache<TKey, TValue>(CacheLimits limits, TimeProvider clock)
    where TKey : notnull
    where TValue : class
{
    private const int MaxRememberedEvictions = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Entry> _entries = [];
    private readonly LinkedList<Entry> _byUse = [];
    private readonly Dictionary<string, HashSet<Entry>> _byTag = new(StringComparer.Ordinal);
    private readonly Dictionary<TKey, CacheFill<TValue>> _fills = [];
    private readonly Dictionary<string, long> _evictions = new(StringComparer.Ordinal);
    private CacheTally _tally;
    private long _bytes;
    private long _sequence;
    private long _everythingEvictedAt;

    /// <summary>What it holds and what it has done.</summary>
    public CacheTally Tally
    {
        get
        {
            lock (_gate)
            {
                return _tally with { Entries = _entries.Count, Bytes = _bytes };
            }
        }
    }

    /// <summary>Looks a key up; whoever finds nothing, and nobody filling, has to fill and holds the fill in his hands.</summary>
    public CacheLookup<TValue> Find(TKey key)
    {
        lock (_gate)
        {
            if (TryFind(key, out var entry))
            {
                _tally = _tally with { Hits = _tally.Hits + 1 };
                return new CacheLookup<TValue>(entry.Value, null, null);
            }

            if (_fills.TryGetValue(key, out var running))
            {
                _tally = _tally with { Waits = _tally.Waits + 1 };
                return new CacheLookup<TValue>(null, running.Outcome, null);
            }

            _tally = _tally with { Misses = _tally.Misses + 1 };
            var fill = new CacheFill<TValue>(_sequence, (ending, filled) => End(key, ending, filled));
            _fills.Add(key, fill);
            return new CacheLookup<TValue>(null, null, fill);
        }
    }

    /// <summary>The value held, or null.</summary>
    public TValue? Peek(TKey key)
    {
        lock (_gate)
        {
            if (!TryFind(key, out var entry))
            {
                return null; // no miss: the asker fills nothing
            }

            _tally = _tally with { Hits = _tally.Hits + 1 };
            return entry.Value;
        }
    }

    /// <summary>The value of a key, made by <paramref name="make"/> when it is not held. Its failure is everybody's who waited for it.</summary>
    public async Task<TValue> GetAsync(TKey key, Func<Task<Filled<TValue>>> make, CancellationToken cancellationToken)
    {
        while (true)
        {
            var lookup = Find(key);
            if (lookup.Found is { } found)
            {
                return found;
            }

            if (lookup.Fill is { } mine)
            {
                return await FillAsync(mine, make);
            }

            if (await lookup.Running!.WaitAsync(cancellationToken) is { } filled)
            {
                return filled;
            }
        }
    }

    /// <summary>Forgets everything with this tag, fills on their way included.</summary>
    public void Evict(string tag)
    {
        lock (_gate)
        {
            _sequence++;
            if (_byTag.TryGetValue(tag, out var tagged))
            {
                foreach (var entry in tagged.ToArray())
                {
                    Remove(entry);
                }
            }

            if (_fills.Count > 0)
            {
                RememberEviction(tag);
            }
        }
    }

    /// <summary>Forgets the values that are meant, and whatever is on its way.</summary>
    public void EvictWhere(Func<TValue, bool> isMeant)
    {
        lock (_gate)
        {
            _everythingEvictedAt = ++_sequence; // for fills on their way: what is held and not meant stays
            foreach (var entry in _entries.Values.Where(entry => isMeant(entry.Value)).ToArray())
            {
                Remove(entry);
            }
        }
    }

    /// <summary>Forgets everything, fills on their way included.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _everythingEvictedAt = ++_sequence;
            _entries.Clear();
            _byUse.Clear();
            _byTag.Clear();
            _evictions.Clear();
            _bytes = 0;
        }
    }

    private static async Task<TValue> FillAsync(CacheFill<TValue> mine, Func<Task<Filled<TValue>>> make)
    {
        var work = make();
        try
        {
            var filled = await work;
            mine.Complete(filled);
            return filled.Value;
        }
        finally
        {
            if (work.IsFaulted)
            {
                mine.Fail(work.Exception.InnerException ?? work.Exception);
            }

            mine.Dispose();
        }
    }

    private bool TryFind(TKey key, [NotNullWhen(true)] out Entry? entry)
    {
        if (!_entries.TryGetValue(key, out entry))
        {
            return false;
        }

        if (entry.ExpiresAt <= clock.GetTimestamp())
        {
            Remove(entry);
            return false;
        }

        _byUse.Remove(entry.Place);
        _byUse.AddFirst(entry.Place);
        return true;
    }

    private void RememberEviction(string tag)
    {
        if (_evictions.Count >= MaxRememberedEvictions)
        {
            _evictions.Clear();
            _everythingEvictedAt = _sequence; // for fills on their way only: what is held stays
        }

        _evictions[tag] = _sequence;
    }

    private bool End(TKey key, CacheFill<TValue> fill, Filled<TValue>? filled)
    {
        lock (_gate)
        {
            if (!_fills.TryGetValue(key, out var running) || running != fill)
            {
                return false;
            }

            _fills.Remove(key);
            var isCurrent = filled is not null && !IsOvertaken(fill, filled.Tag);
            if (isCurrent)
            {
                Keep(key, filled!);
            }

            if (_fills.Count == 0)
            {
                _evictions.Clear();
            }

            return isCurrent;
        }
    }

    private bool IsOvertaken(CacheFill<TValue> fill, string? tag) =>
        _everythingEvictedAt > fill.StartedAt
        || (tag is not null && _evictions.TryGetValue(tag, out var evictedAt) && evictedAt > fill.StartedAt);

    private void Keep(TKey key, Filled<TValue> filled)
    {
        if (filled.Bytes > limits.Bytes || filled.Lifetime <= TimeSpan.Zero)
        {
            return;
        }

        var expiresAt = clock.GetTimestamp() + (long)(filled.Lifetime.TotalSeconds * clock.TimestampFrequency);
        var entry = new Entry(key, filled.Value, filled.Tag, filled.Bytes, expiresAt);
        _entries.Add(key, entry);
        _byUse.AddFirst(entry.Place);
        _bytes += entry.Bytes;
        if (entry.Tag is { } tag)
        {
            (_byTag.TryGetValue(tag, out var tagged) ? tagged : _byTag[tag] = []).Add(entry);
        }

        while (_entries.Count > limits.Entries || _bytes > limits.Bytes)
        {
            _tally = _tally with { Displaced = _tally.Displaced + 1 };
            Remove(_byUse.Last!.Value);
        }
    }

    private void Remove(Entry entry)
    {
        _entries.Remove(entry.Key);
        _byUse.Remove(entry.Place);
        _bytes -= entry.Bytes;
        if (entry.Tag is { } tag && _byTag.TryGetValue(tag, out var tagged) && tagged.Remove(entry) && tagged.Count == 0)
        {
            _byTag.Remove(tag);
        }
    }

    private sealed class Entry
    {
        public Entry(TKey key, TValue value, string? tag, long bytes, long expiresAt)
        {
            (Key, Value, Tag, Bytes, ExpiresAt) = (key, value, tag, bytes, expiresAt);
            Place = new LinkedListNode<Entry>(this);
        }

        public TKey Key { get; }

        public TValue Value { get; }

        public string? Tag { get; }

        public long Bytes { get; }

        public long ExpiresAt { get; }

        public LinkedListNode<Entry> Place { get; }
    }
}
