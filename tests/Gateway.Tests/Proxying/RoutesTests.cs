using Registry.Contracts.Http;
using Registry.Gateway.Proxying;

namespace Registry.Gateway.Tests.Proxying;

/// <summary>Which service answers which path: the parts of npm's <c>/-/</c> that belong together by name and not by owner.</summary>
public sealed class RoutesTests
{
    [Theory]
    [InlineData("/-/user/org.couchdb.user:ada", ServiceNames.Auth)]
    [InlineData("/-/user/token/secret", ServiceNames.Auth)]
    [InlineData("/-/user/ada/package?format=cli", ServiceNames.Packages)]
    [InlineData("/-/user/package/@scope%2fname/star", ServiceNames.Packages)]
    [InlineData("/-/user/v1/star", ServiceNames.Packages)]
    [InlineData("/-/user/ada/stars", ServiceNames.Packages)]
    [InlineData("/-/user//stars", ServiceNames.Auth)]
    [InlineData("/-/users", ServiceNames.Packages)]
    [InlineData("/-/org/acme/user", ServiceNames.Auth)]
    [InlineData("/-/org/acme/package", ServiceNames.Packages)]
    [InlineData("/-/org/acme/packages", ServiceNames.Auth)]
    [InlineData("/-/team/acme/developers", ServiceNames.Auth)]
    [InlineData("/-/team/acme/developers/user", ServiceNames.Auth)]
    [InlineData("/-/team/acme/developers/package", ServiceNames.Packages)]
    [InlineData("/-/team/acme/package", ServiceNames.Auth)]
    [InlineData("/-/package/left-pad/dist-tags", ServiceNames.Packages)]
    [InlineData("/-/", ServiceNames.Packages)]
    [InlineData("/", ServiceNames.Packages)]
    public void A_path_of_npm_is_answered_by_the_first_row_that_covers_it(string target, string service) =>
        Routes.ServiceFor(Dialects.Npm, target).ShouldBe(service);

    [Theory]
    [InlineData("/internal/introspect")]
    [InlineData("/INTERNAL")]
    public void What_is_the_services_own_is_answered_by_nobody(string target) =>
        Routes.ServiceFor(Dialects.Native, target).ShouldBeNull();
}
