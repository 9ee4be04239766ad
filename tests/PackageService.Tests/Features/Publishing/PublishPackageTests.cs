using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Http;
using Registry.PackageService.Data;
using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Features.Unpublishing;
using Registry.PackageService.Packages;
using Registry.PackageService.Tests.Running;

namespace Registry.PackageService.Tests.Features.Publishing;

public sealed class PublishPackageTests(PackageSystem system)
{
    [Fact]
    public async Task Of_two_publishers_of_one_version_exactly_one_wins_fifty_times()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        for (var round = 0; round < 50; round++)
        {
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 2).Select(i => Task.Run(
                () => system.PublishAsync(PackageSystem.Command(name, $"1.0.{round}", content: $"{i}"), user))));

            outcomes.OfType<PublishOutcome.Published>().Count().ShouldBe(1);
            outcomes.OfType<PublishOutcome.VersionExists>().Count().ShouldBe(1);
        }
    }

    [Fact]
    public async Task Different_versions_published_at_once_all_survive()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(
            () => system.PublishAsync(PackageSystem.Command(name, $"1.{i}.0"), user))));

        outcomes.ShouldAllBe(outcome => outcome is PublishOutcome.Published);
        (await DbAsync(db => db.Versions.CountAsync(v => db.Packages.Any(p => p.Id == v.PackageId && p.Name == name)))).ShouldBe(12);
    }

    [Fact]
    public async Task The_first_publish_makes_its_publisher_maintainer_and_sets_latest_beside_the_tag()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());

        await system.PublishedAsync(user, name, "1.0.0-rc.1", "next");

        var tags = await TagsAsync(name);
        tags.ShouldBe(new Dictionary<string, string> { ["latest"] = "1.0.0-rc.1", ["next"] = "1.0.0-rc.1" }, ignoreOrder: true);
        (await DbAsync(db => db.Maintainers.Where(m => db.Packages.Any(p => p.Id == m.PackageId && p.Name == name)).Select(m => m.UserId).ToListAsync()))
            .ShouldBe([user.UserId!]);
    }

    [Fact]
    public async Task Publishing_with_another_tag_leaves_latest_alone()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        await system.PublishedAsync(user, name);

        await system.PublishedAsync(user, name, "2.0.0", "beta");

        (await TagsAsync(name))["latest"].ShouldBe("1.0.0");
    }

    [Fact]
    public async Task Publishing_an_existing_version_is_refused()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        await system.PublishedAsync(user, name);

        var again = await system.PublishAsync(PackageSystem.Command(name), user, "another-session");

        again.ShouldBeOfType<PublishOutcome.VersionExists>().WasRemoved.ShouldBeFalse();
    }

    [Fact]
    public async Task The_same_publish_repeated_in_its_session_is_answered_as_the_first()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        var first = await system.PublishAsync(PackageSystem.Command(name), user, "session-1");

        var repeated = await system.PublishAsync(PackageSystem.Command(name), user, "session-1");
        var otherBytes = await system.PublishAsync(PackageSystem.Command(name, content: "changed"), user, "session-1");
        var otherToken = await system.PublishAsync(PackageSystem.Command(name), user with { CredentialId = "token:other" }, "session-1");

        repeated.ShouldBe(first);
        otherBytes.ShouldBeOfType<PublishOutcome.VersionExists>();
        otherToken.ShouldBeOfType<PublishOutcome.VersionExists>();
    }

    [Fact]
    public async Task A_removed_version_is_never_given_out_again_and_the_revision_goes_on()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        var rev = await system.PublishedAsync(user, name);
        var before = (await system.PublishAsync(PackageSystem.Command(name, "1.1.0"), user)).ShouldBeOfType<PublishOutcome.Published>();
        (await UnpublishAsync(user, name, rev)).ShouldBeOfType<ChangeOutcome.Refused>().Refusal.Reason.ShouldBe(RefusalReason.Conflict);
        (await UnpublishAsync(user, name, before.Rev)).ShouldBe(new ChangeOutcome.Done(null));

        var same = await system.PublishAsync(PackageSystem.Command(name), user);
        var next = await system.PublishAsync(PackageSystem.Command(name, "1.2.0"), user);

        same.ShouldBeOfType<PublishOutcome.VersionExists>().WasRemoved.ShouldBeTrue();
        next.ShouldBeOfType<PublishOutcome.Published>().Revision.ShouldBeGreaterThan(before.Revision);
    }

    [Fact]
    public async Task A_refused_first_publish_leaves_no_package_behind()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        var rev = await system.PublishedAsync(user, name);
        await UnpublishAsync(user, name, rev);

        await system.PublishAsync(PackageSystem.Command(name), user); // retired: the package row made on the way is rolled back

        (await DbAsync(db => db.Packages.AnyAsync(p => p.Name == name))).ShouldBeFalse();
    }

    [Fact]
    public async Task Somebody_else_may_not_publish_and_is_told_in_npms_words()
    {
        var name = PackageSystem.NewName();
        await system.PublishedAsync(await system.NewUserAsync(), name);

        var refusal = await RefusedAsync(PackageSystem.Command(name, "2.0.0"), await system.NewUserAsync());

        refusal.Reason.ShouldBe(RefusalReason.Forbidden);
        refusal.Message.ShouldBe($"You do not have permission to publish \"{name}\". Are you logged in as the correct user?");
    }

    [Fact]
    public async Task A_restricted_package_is_for_somebody_else_as_if_it_did_not_exist()
    {
        var owner = await system.NewUserAsync();
        var name = $"@{PackageSystem.NewName("s")}/hidden";
        await system.PublishedAsync(owner, name, access: RequestedAccess.Default);

        // In the same words as for a name nobody has: publishing must not tell which names exist.
        var stranger = await system.NewUserAsync();
        var hidden = await RefusedAsync(PackageSystem.Command(name, "2.0.0"), stranger);
        var absent = await RefusedAsync(PackageSystem.Command($"{name}-not", "2.0.0"), stranger);
        hidden.Reason.ShouldBe(absent.Reason);
        hidden.Code.ShouldBe(absent.Code);
        hidden.Message.ShouldBe(absent.Message.Replace("-not", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_scope_belongs_to_its_first_publisher()
    {
        var scope = PackageSystem.NewName("s");
        await system.PublishedAsync(await system.NewUserAsync(), $"@{scope}/one");

        var refusal = await RefusedAsync(PackageSystem.Command($"@{scope}/two"), await system.NewUserAsync());

        (refusal.Reason, refusal.Code).ShouldBe((RefusalReason.Forbidden, "scope_not_yours"));
    }

    [Fact]
    public async Task Without_AuthService_a_new_scoped_package_is_refused_and_others_are_published()
    {
        await using var host = await system.StartAsync(("services:auth:http:0", "http://127.0.0.1:1/"));
        var user = await system.NewUserAsync();

        var scoped = await Should.ThrowAsync<HttpRequestException>(
            () => system.PublishAsync(PackageSystem.Command($"@{PackageSystem.NewName("s")}/x"), user, host: host));
        var unscoped = await system.PublishAsync(PackageSystem.Command(PackageSystem.NewName()), user, host: host);

        scoped.ShouldNotBeNull(); // answered as 503 by the one error hook
        unscoped.ShouldBeOfType<PublishOutcome.Published>();
    }

    [Theory]
    [InlineData(RequestedAccess.Default, Visibility.Restricted)]
    [InlineData(RequestedAccess.Public, Visibility.Public)]
    [InlineData(RequestedAccess.Restricted, Visibility.Restricted)]
    internal async Task A_new_scoped_package_is_as_visible_as_asked_for(RequestedAccess access, Visibility expected)
    {
        var name = $"@{PackageSystem.NewName("s")}/x";

        await system.PublishedAsync(await system.NewUserAsync(), name, access: access);

        (await DbAsync(db => db.Packages.Where(p => p.Name == name).Select(p => p.Visibility).SingleAsync())).ShouldBe(expected);
    }

    [Fact]
    public async Task A_name_that_looks_like_an_existing_one_is_refused_also_when_both_are_new()
    {
        var user = await system.NewUserAsync();
        var name = PackageSystem.NewName();
        await system.PublishedAsync(user, name);
        var fresh = PackageSystem.NewName();

        var lookAlike = await RefusedAsync(PackageSystem.Command($"{name[..5]}-{name[5..]}"), user);
        var atOnce = await Task.WhenAll(
            Task.Run(() => system.PublishAsync(PackageSystem.Command(fresh), user)),
            Task.Run(() => system.PublishAsync(PackageSystem.Command($"{fresh[..5]}.{fresh[5..]}"), user)));

        lookAlike.Code.ShouldBe("name_too_similar");
        atOnce.OfType<PublishOutcome.Published>().Count().ShouldBe(1);
    }

    public static TheoryData<TokenLimits, string> Limits => new()
    {
        { new TokenLimits(true, null, null), "token_read_only" },
        { new TokenLimits(false, ["something-else"], null), "token_limited" },
        { new TokenLimits(false, null, ["something-else"]), "token_limited" },
        { new TokenLimits(false, [], []), "token_limited" },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task A_limited_access_token_is_refused_with_a_sentence(TokenLimits limits, string code)
    {
        var user = await system.NewUserAsync();

        var refusal = await RefusedAsync(PackageSystem.Command(PackageSystem.NewName()), user with { Limits = limits });

        (refusal.Reason, refusal.Code).ShouldBe((RefusalReason.Forbidden, code));
    }

    [Theory]
    [InlineData("publish", "name_reserved")]
    [InlineData("UpperCase", "invalid_name")]
    [InlineData("-x", "invalid_name")]
    public async Task A_name_no_new_package_may_have_is_refused(string name, string code) =>
        (await RefusedAsync(PackageSystem.Command(name), await system.NewUserAsync())).Code.ShouldBe(code);

    private async Task<Refusal> RefusedAsync(PublishCommand command, Caller caller) =>
        (await system.PublishAsync(command, caller)).ShouldBeOfType<PublishOutcome.Refused>().Refusal;

    private async Task<ChangeOutcome> UnpublishAsync(Caller caller, string name, string rev)
    {
        await using var scope = system.Packages.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UnpublishPackage>()
            .ExecuteAsync(new ChangeTarget("main", PackageName.Parse(name), caller, rev), CancellationToken.None);
    }

    private Task<Dictionary<string, string>> TagsAsync(string name) =>
        DbAsync(db => db.DistTags.Where(t => db.Packages.Any(p => p.Id == t.PackageId && p.Name == name)).ToDictionaryAsync(t => t.Tag, t => t.Version));

    private async Task<T> DbAsync<T>(Func<PackageDbContext, Task<T>> read)
    {
        await using var scope = system.Packages.Services.CreateAsyncScope();
        return await read(scope.ServiceProvider.GetRequiredService<PackageDbContext>());
    }
}
