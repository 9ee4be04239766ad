using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests.Clients;

/// <summary>The first major of yarn.</summary>
public sealed class YarnUnderTest : ClientUnderTest
{
    /// <inheritdoc cref="ClientUnderTest(PinnedClient, string, string)"/>
    public YarnUnderTest(PinnedClient client, string program, string registry) : base(client, program, registry) =>
        Set("FAKEROOTKEY", "1"); // for root it would keep things outside of every home

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, string[]> Words { get; } = new Dictionary<string, string[]>
    {
        ["publish"] = ["publish", "--non-interactive"],
        ["log in and publish"] = ["publish"],
        ["add"] = ["add", "--non-interactive"],
        ["ci"] = ["install", "--frozen-lockfile", "--non-interactive"],
        ["view"] = ["info"],
        ["dist-tag add"] = ["tag", "add"],
        ["dist-tag ls"] = ["tag", "list"],
        ["dist-tag rm"] = ["tag", "remove"],
    };

    /// <summary>It keeps no token: it logs in when it publishes, and out again. It does remember the name, and would not ask for it.</summary>
    public override Task<CommandResult> LogInAsync(string user, string password)
    {
        File.Delete(InHome(".yarnrc"));
        return SayOnTerminalAsync(
            NewPackage($"by-{user}", "1.0.0"),
            ["log in and publish"],
            new("version", "1.0.0"), new("username", user), new("email", $"{user}@example.test"), new("password", password));
    }

    /// <inheritdoc/>
    public override Reply SecondFactor(string code) => new("one-time password", code);
}
