using System.Diagnostics;

namespace Registry.Upstreams.Tests;

/// <summary>What may come from a registry, and what may not.</summary>
public sealed class PackageRulesTests
{
    [Theory]
    [InlineData("left-pad", "left-pad", null, true)]
    [InlineData("left-pad", "left-pad", "1.0.0", true)]
    [InlineData("left-pad", "Left-Pad", null, true)]
    [InlineData("left-pad", "left-pads", null, false)]
    [InlineData("left*", "left-pad", null, true)]
    [InlineData("*pad", "left-pad", null, true)]
    [InlineData("l*-*d", "left-pad", null, true)]
    [InlineData("ab*ba", "aba", null, false)]
    [InlineData("a*b*c", "a-c-b", null, false)]
    [InlineData("*", "@scope/anything", null, true)]
    [InlineData("@scope/*", "@scope/one", null, true)]
    [InlineData("@scope/*", "@SCOPE/one", "1.0.0", true)]
    [InlineData("@scope/*", "@scoped/one", null, false)]
    [InlineData("@scope/*", "scope", null, false)]
    [InlineData("one@1.2.3", "one", null, false)]
    [InlineData("one@1.2.3", "one", "1.2.3", true)]
    [InlineData("one@1.2.3", "one", "1.2.30", false)]
    [InlineData("one@1.2.3", "two", "1.2.3", false)]
    [InlineData("one@1.*", "one", "1.9.0-rc.1", true)]
    [InlineData("one@1.*", "one", "11.0.0", false)]
    [InlineData("one@*-rc*", "one", "1.0.0-RC", false)]
    [InlineData("@scope/*@*-beta*", "@scope/one", "1.0.0-beta.2", true)]
    [InlineData("@scope/*@*-beta*", "@scope/one", "1.0.0", false)]
    [InlineData("[a-z]+", "abc", null, false)]
    public void A_pattern_blocks_what_it_stands_for(string pattern, string name, string? version, bool isBlocked)
    {
        var rules = new PackageRules { Block = [new PackageRule(pattern, "because")] };

        rules.Judge(name, version).ShouldBe(isBlocked ? new PackageBlock(pattern, "because") : null);
    }

    [Fact]
    public void Without_rules_everything_may_come() => PackageRules.None.Judge("anything", "1.0.0").ShouldBeNull();

    [Fact]
    public void What_is_not_among_those_allowed_is_blocked_by_no_rule()
    {
        var rules = new PackageRules { Allow = [new PackageRule("@scope/*"), new PackageRule("one@1.*")] };

        rules.Judge("@scope/any", "7.0.0").ShouldBeNull();
        rules.Judge("one", null).ShouldBeNull();
        rules.Judge("one", "1.5.0").ShouldBeNull();
        rules.Judge("one", "2.0.0").ShouldBe(new PackageBlock(null, "is not among the packages allowed from here"));
        rules.Judge("two", null).ShouldNotBeNull().Rule.ShouldBeNull();
    }

    [Fact]
    public void What_is_blocked_is_blocked_even_where_it_is_allowed()
    {
        var rules = new PackageRules { Allow = [new PackageRule("*")], Block = [new PackageRule("bad"), new PackageRule("half@2.*")] };

        rules.Judge("bad", null).ShouldBe(new PackageBlock("bad", null));
        rules.Judge("half", null).ShouldBeNull();
        rules.Judge("half", "1.0.0").ShouldBeNull();
        rules.Judge("half", "2.0.0").ShouldBe(new PackageBlock("half@2.*", null));
    }

    [Fact]
    public void A_pattern_of_many_stars_takes_no_time()
    {
        var rules = new PackageRules { Block = [new PackageRule(string.Concat(Enumerable.Repeat("a*", 149)) + "b")] };
        var watch = Stopwatch.StartNew();

        for (var count = 0; count < 1000; count++)
        {
            rules.Judge(new string('a', 214), null).ShouldBeNull();
        }

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Equal_rules_are_equal()
    {
        var one = new PackageRules { Allow = [new PackageRule("a")], Block = [new PackageRule("b", "why")] };
        var other = new PackageRules { Allow = new List<PackageRule> { new("a") }, Block = [new PackageRule("b", "why")] };

        one.ShouldBe(other);
        one.GetHashCode().ShouldBe(other.GetHashCode());
        one.ShouldNotBe(other with { Block = [] });
    }
}
