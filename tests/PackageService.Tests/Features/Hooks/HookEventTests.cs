using Registry.Contracts.Events;
using Registry.PackageService.Data;
using Registry.PackageService.Features.Hooks;

namespace Registry.PackageService.Tests.Features.Hooks;

public sealed class HookEventTests
{
    [Theory]
    [InlineData(nameof(PackageChangeKind.Published), "1.0.0", null, null, false, "package:publish", "version=1.0.0")]
    [InlineData(nameof(PackageChangeKind.Unpublished), "1.0.0", null, null, false, "package:unpublish", "version=1.0.0")]
    [InlineData(nameof(PackageChangeKind.Removed), null, null, null, false, "package:unpublish", "")]
    [InlineData(nameof(PackageChangeKind.Tagged), "1.0.0", "next", null, false, "package:dist-tag", "version=1.0.0,dist-tag=next")]
    [InlineData(nameof(PackageChangeKind.Tagged), null, "next", null, true, "package:dist-tag-rm", "dist-tag=next")]
    [InlineData(nameof(PackageChangeKind.Deprecated), "1.0.0", null, null, false, "package:deprecated", "deprecated=1.0.0")]
    [InlineData(nameof(PackageChangeKind.Deprecated), "1.0.0", null, null, true, "package:undeprecated", "deprecated=1.0.0")]
    [InlineData(nameof(PackageChangeKind.Maintainers), null, null, "ada", false, "package:owner", "maintainer=ada")]
    [InlineData(nameof(PackageChangeKind.Maintainers), null, null, "ada", true, "package:owner-rm", "maintainer=ada")]
    [InlineData(nameof(PackageChangeKind.Starred), null, null, "ada", false, "package:star", "user=ada")]
    [InlineData(nameof(PackageChangeKind.Starred), null, null, "ada", true, "package:unstar", "user=ada")]
    [InlineData(nameof(PackageChangeKind.Access), null, null, null, false, "package:change", "")]
    [InlineData(nameof(PackageChangeKind.Other), null, null, null, false, "package:change", "")]
    public void Each_change_has_its_event(string kind, string? version, string? tag, string? user, bool isRemoved, string name, string change)
    {
        var row = new ChangeRow
        {
            Repository = "main",
            Package = "x",
            Kind = Enum.Parse<PackageChangeKind>(kind),
            Version = version,
            Detail = new ChangeDetail(tag, user, isRemoved ? true : null),
        };

        var told = HookEvent.Of(row);

        (told.Name, string.Join(',', told.Change.Select(static member => $"{member.Member}={member.Value}"))).ShouldBe((name, change));
    }
}
