using Registry.ServiceDefaults.Routing;

namespace Registry.Contracts.Tests.Routing;

public sealed class TargetPathTests
{
    // npm protocol 1.2: who sends which form is noted beside it.
    [Theory]
    [InlineData("/lodash", "/lodash")]
    [InlineData("/@scope%2fname", "/@scope%2Fname")] // npm, yarn, berry, bun; writes of pnpm
    [InlineData("/@scope%2Fname", "/@scope%2Fname")] // reads of pnpm
    [InlineData("/@scope/name", "/@scope%2Fname")] // curl, browsers, proxies that decode
    [InlineData("/%40scope%2Fname", "/@scope%2Fname")] // npm 8 and older, generic HTTP code
    [InlineData("/%40scope/name", "/@scope%2Fname")]
    [InlineData("/@scope%2fname/1.0.0", "/@scope%2Fname/1.0.0")]
    [InlineData("/@scope/name/1.0.0", "/@scope%2Fname/1.0.0")]
    [InlineData("/@scope%2fname/-/name-1.0.0.tgz", "/@scope%2Fname/-/name-1.0.0.tgz")] // berry's first try
    [InlineData("/@scope/name/-/name-1.0.0.tgz", "/@scope%2Fname/-/name-1.0.0.tgz")] // what dist.tarball says
    [InlineData("/@scope/name/-/@scope/name-1.0.0.tgz", "/@scope%2Fname/-/@scope%2Fname-1.0.0.tgz")] // what publishers declare
    [InlineData("/-/package/@scope%2fname/dist-tags/latest", "/-/package/@scope%2Fname/dist-tags/latest")]
    [InlineData("/-/user/org.couchdb.user:ada%20l", "/-/user/org.couchdb.user:ada l")]
    [InlineData("/packages/@scope/name/1.0.0/tarball", "/packages/@scope%2Fname/1.0.0/tarball")] // pantry
    [InlineData("/lodash?write=true", "/lodash")]
    [InlineData("/", "/")]
    public void Every_accepted_form_of_a_name_becomes_the_same_path(string rawTarget, string expected) =>
        TargetPath.Normalise(rawTarget).ShouldBe(expected);

    [Theory]
    [InlineData("/a%2Fb", "/a%2Fb")] // a slash inside an unscoped segment stays inside it
    [InlineData("/a%252Fb", "/a%252Fb")] // decoded once, not twice
    [InlineData("/@scope%252Fname", "/@scope%252Fname")]
    [InlineData("/@a@b/name", "/@a@b/name")] // not a scope
    [InlineData("/@/name", "/@/name")]
    public void What_looks_like_a_scope_but_is_none_is_left_alone(string rawTarget, string expected) =>
        TargetPath.Normalise(rawTarget).ShouldBe(expected);

    [Theory]
    [InlineData("/a%")]
    [InlineData("/a%2")]
    [InlineData("/a%zz")]
    [InlineData("/a%ff")] // not UTF-8
    [InlineData("/a%00b")]
    [InlineData("/a%0d%0ab")]
    [InlineData("lodash")]
    [InlineData("*")]
    [InlineData("")]
    public void A_malformed_target_has_no_path(string rawTarget) => TargetPath.Normalise(rawTarget).ShouldBeNull();

    [Theory]
    [InlineData("/@scope%2fname", "@scope/name")]
    [InlineData("/a%252Fb", "a%2Fb")]
    [InlineData("/100%25", "100%")]
    public void A_route_value_unescapes_to_what_was_meant(string rawTarget, string meant) =>
        TargetPath.Unescape(TargetPath.Normalise(rawTarget)![1..]).ShouldBe(meant);

    [Theory]
    [InlineData("/a/../b")]
    [InlineData("/a/./b")]
    [InlineData("/a/..")]
    [InlineData("/..")]
    [InlineData("/a/%2e%2e/b")]
    [InlineData("/a/%2E./b")]
    [InlineData("/a%2f..%2fb")]
    [InlineData("/a/..%2fb")]
    [InlineData("/a\\..\\b")]
    [InlineData("/a%5c..%5cb")]
    [InlineData("/@scope%2f..")]
    [InlineData("/r/main/..?x=1")]
    public void A_dot_segment_is_found_in_any_spelling(string rawTarget) => TargetPath.HasDotSegment(rawTarget).ShouldBeTrue();

    [Theory]
    [InlineData("/lodash")]
    [InlineData("/lodash.get/-/lodash.get-4.4.2.tgz")]
    [InlineData("/...")]
    [InlineData("/a..b/c")]
    [InlineData("/.well-known/x")]
    [InlineData("/search?q=../..")]
    public void A_name_with_dots_is_not_a_dot_segment(string rawTarget) => TargetPath.HasDotSegment(rawTarget).ShouldBeFalse();
}
