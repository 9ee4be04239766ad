using Registry.Contracts.Events;
using Registry.PackageService.Data;

namespace Registry.PackageService.Features.Hooks;

/// <summary>A change in the words of hooks (npm protocol 3.11).</summary>
/// <param name="Name"><c>package:{what}</c>.</param>
/// <param name="Change">The members of <c>change</c>.</param>
internal sealed record HookEvent(string Name, IReadOnlyList<(string Member, string Value)> Change)
{
    private static readonly Dictionary<PackageChangeKind, (string Given, string TakenAway)> Names = new()
    {
        [PackageChangeKind.Published] = ("publish", "publish"),
        [PackageChangeKind.Unpublished] = ("unpublish", "unpublish"),
        [PackageChangeKind.Removed] = ("unpublish", "unpublish"),
        [PackageChangeKind.Tagged] = ("dist-tag", "dist-tag-rm"),
        [PackageChangeKind.Deprecated] = ("deprecated", "undeprecated"),
        [PackageChangeKind.Maintainers] = ("owner", "owner-rm"),
        [PackageChangeKind.Starred] = ("star", "unstar"),
    };

    /// <summary>What hooks are told of a change.</summary>
    public static HookEvent Of(ChangeRow change)
    {
        var (given, takenAway) = Names.GetValueOrDefault(change.Kind, ("change", "change"));
        return new HookEvent($"package:{(change.Detail?.Removed == true ? takenAway : given)}", [.. MembersOf(change)]);
    }

    private static IEnumerable<(string, string)> MembersOf(ChangeRow change)
    {
        (string Member, string? Value)[] members =
        [
            (change.Kind == PackageChangeKind.Deprecated ? "deprecated" : "version", change.Version),
            ("dist-tag", change.Detail?.Tag),
            (change.Kind == PackageChangeKind.Starred ? "user" : "maintainer", change.Detail?.User),
        ];
        return members.Where(static member => member.Value is not null).Select(static member => (member.Member, member.Value!));
    }
}
