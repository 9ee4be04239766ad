namespace Registry.EndToEnd.Tests.Clients;

/// <summary>What clients cannot do, and why: cells of the matrix without a test.</summary>
public static class Gaps
{
    private static readonly Gap[] All =
    [
        new(["npm-6", "npm-8", "yarn-1"], ["login-web"], "the client knows of no page to log in on"),
        new(["npm-6"], ["audit-signatures"], "the client has no such command"),
        new(["npm-10", "npm-11", "npm-12"], ["audit-signatures"], "the client asks a public trust root first; the signatures are verified by a test of their own"),
        new(["npm-12"], ["star"], "the client has no such command any more"),
        new(
            ["pnpm-9", "pnpm-10"],
            ["login", "login-web", "logout", "whoami", "ping", "view", "dist-tag", "deprecate", "unpublish-version", "unpublish-package", "owner", "access", "team", "org", "search", "star", "token", "profile", "two-factor", "audit-signatures"],
            "the client hands the command to the npm on the path, or has none"),
        new(["pnpm-11"], ["token", "profile", "two-factor"], "the client has not made the command yet"),
        new(["pnpm-11", "pnpm-12"], ["login"], "the client asks for name and password only where the registry has no page to log in on"),
        new(["pnpm-11", "pnpm-12"], ["org"], "the client has no such command"),
        new(["yarn-1"], ["logout"], "the client keeps no token: it logs in and out around each command"),
        new(["yarn-1"], ["owner"], "the client sends only the change and no revision, which cannot be honoured safely"),
        new(["yarn-1"], ["team"], "the client asks for paths that no registry ever served"),
        new(["yarn-1"], ["audit"], "the client asks its built-in registry, whatever is configured"),
        new(["yarn-1"], ["whoami", "ping", "deprecate", "unpublish-version", "unpublish-package", "access", "org", "search", "star", "token", "profile", "two-factor", "audit-signatures"], "the client has no such command"),
        new(["berry-4"], ["ping", "deprecate", "unpublish-version", "unpublish-package", "owner", "access", "team", "org", "search", "star", "token", "profile", "two-factor", "audit-signatures"], "the client has no such command"),
        new(
            ["bun-1"],
            ["login", "login-web", "logout", "ping", "dist-tag", "deprecate", "unpublish-version", "unpublish-package", "owner", "access", "team", "org", "search", "star", "token", "profile", "two-factor", "audit-signatures"],
            "the client has no such command"),
    ];

    /// <summary>Why a client cannot do a scenario; null when it can.</summary>
    public static string? ReasonFor(PinnedClient client, string scenario) =>
        All.FirstOrDefault(gap => gap.Clients.Contains(client.Key) && gap.Scenarios.Contains(scenario))?.Reason;

    private sealed record Gap(string[] Clients, string[] Scenarios, string Reason);
}
