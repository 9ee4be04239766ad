namespace Registry.EndToEnd.Tests.Clients;

/// <summary>bun, which reads npm's configuration and cannot log in.</summary>
public sealed class BunUnderTest : ClientUnderTest
{
    /// <inheritdoc cref="ClientUnderTest(PinnedClient, string, string)"/>
    public BunUnderTest(PinnedClient client, string program, string registry) : base(client, program, registry) =>
        Set("BUN_INSTALL_CACHE_DIR", InHome("xdg/bun"));

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, string[]> Words { get; } = new Dictionary<string, string[]>
    {
        ["whoami"] = ["pm", "whoami"],
        ["ci"] = ["install", "--frozen-lockfile"],
        ["view"] = ["info"],
    };
}
