namespace Registry.Web.Peers;

/// <summary>What another service said. A page can be made of each of these.</summary>
internal abstract record Answer<T>
{
    private Answer()
    {
    }

    /// <summary>It answered.</summary>
    internal sealed record Found(T Value) : Answer<T>;

    /// <summary>There is nothing by that name, as far as this caller may know.</summary>
    internal sealed record Absent : Answer<T>;

    /// <summary>It could not be reached, took too long, or failed.</summary>
    internal sealed record Unavailable : Answer<T>;
}
