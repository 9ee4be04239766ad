using System.Collections;

namespace Registry.Upstreams;

/// <summary>Texts that equal the same texts in the same order, so that configurations can be compared.</summary>
internal sealed class TextList(IEnumerable<string> texts) : IReadOnlyList<string>
{
    private readonly string[] _texts = [.. texts];

    public int Count => _texts.Length;

    public string this[int index] => _texts[index];

    public override bool Equals(object? obj) => obj is TextList other && _texts.AsSpan().SequenceEqual(other._texts);

    public override int GetHashCode() => _texts.Aggregate(0, HashCode.Combine);

    public IEnumerator<string> GetEnumerator() => _texts.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
