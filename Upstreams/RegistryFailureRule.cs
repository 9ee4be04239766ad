namespace Registry.Upstreams;

/// <summary>What to do when a registry fails before one has answered.</summary>
public enum RegistryFailureRule
{
    /// <summary>Ask the next one: something is found even while a registry is away.</summary>
    AskNext,

    /// <summary>
    /// Stop: only an absence moves on, so that no other registry can answer for one that is away (dependency confusion). A version a
    /// registry does not have is an absence too: ask <see cref="RegistryManager.ListVersionsAsync"/> whose the name is.
    /// </summary>
    Stop,
}
