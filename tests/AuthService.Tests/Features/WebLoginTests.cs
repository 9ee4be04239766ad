using System.Net;
using System.Net.Http.Json;

using Registry.AuthService.Tests.Hosting;
using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.ServiceDefaults;

namespace Registry.AuthService.Tests.Features;

public sealed class WebLoginTests(OpenRegistry registry) : IClassFixture<OpenRegistry>
{
    private const string Client = "npm/11.19.1 <b>node</b>";
    private const string Address = "192.0.2.40";
    private static readonly Dictionary<string, string> Web = new() { ["npm-auth-type"] = "web", ["User-Agent"] = Client };
    private readonly AuthHost _host = registry.Host;

    [Fact]
    public async Task A_client_that_waits_is_let_in_by_whoever_goes_through_the_page()
    {
        var name = AuthHost.NewName();
        await _host.SignUpAsync(name);
        var (page, done) = await OpenAsync();

        using var pending = await _host.SendAsync(HttpMethod.Get, done);
        using var wrong = await SubmitAsync(page, ("name", name), ("password", "not the password"));
        using var right = await SubmitAsync(page, ("name", name), ("password", AuthHost.Password));
        using var collected = await _host.SendAsync(HttpMethod.Get, done);

        pending.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        pending.Headers.RetryAfter!.ToString().ShouldBe("1");
        (await pending.Content.ReadAsStringAsync()).ShouldBe("{}");
        wrong.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await wrong.Content.ReadAsStringAsync()).ShouldContain($"The password for {name} is not right");
        right.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await right.Content.ReadAsStringAsync()).ShouldContain($"<strong>{name}</strong>");
        collected.StatusCode.ShouldBe(HttpStatusCode.OK);
        var token = (await AuthHost.JsonOf(collected)).GetProperty("token").GetString()!;
        (await _host.IntrospectAsync(token)).Caller.UserName.ShouldBe(name);
        (await _host.SendAsync(HttpMethod.Get, done)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _host.SendAsync(HttpMethod.Get, page)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("web", "{}", HttpStatusCode.OK)]
    [InlineData("web", """{"hostname":"laptop"}""", HttpStatusCode.OK)]
    [InlineData("web", "null", HttpStatusCode.OK)]
    [InlineData("legacy", "{}", HttpStatusCode.NotFound)]
    [InlineData(null, """{"hostname":"laptop"}""", HttpStatusCode.NotFound)]
    public async Task A_page_is_for_clients_that_say_they_can_whatever_their_body(string? type, string body, HttpStatusCode status)
    {
        var headers = type is null ? new Dictionary<string, string>() : new() { ["npm-auth-type"] = type };
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var response = await _host.SendAsync(HttpMethod.Post, "/-/v1/login", content, headers: headers);

        response.StatusCode.ShouldBe(status);
    }

    [Fact]
    public async Task The_page_says_who_asks_runs_nothing_and_is_kept_nowhere()
    {
        var (page, _) = await OpenAsync();

        using var shown = await _host.SendAsync(HttpMethod.Get, page, address: Address);
        using var fromElsewhere = await _host.SendAsync(HttpMethod.Get, page, address: "192.0.2.41");

        var html = await shown.Content.ReadAsStringAsync();
        html.ShouldContain(Address);
        html.ShouldContain("npm/11.19.1 &lt;b&gt;node&lt;/b&gt;");
        html.ShouldNotContain("<script");
        html.ShouldNotContain("class=\"warning\"");
        (await fromElsewhere.Content.ReadAsStringAsync()).ShouldContain("class=\"warning\"");
        var policy = shown.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldContain("default-src 'none'");
        policy.ShouldContain("frame-ancestors 'none'");
        shown.Headers.CacheControl!.NoStore.ShouldBeTrue();
        shown.Headers.GetValues("Referrer-Policy").Single().ShouldBe("no-referrer");
        shown.Content.Headers.ContentType!.ToString().ShouldBe("text/html; charset=utf-8");
    }

    [Fact]
    public async Task An_account_is_made_on_the_page_where_anybody_may_sign_up()
    {
        var name = AuthHost.NewName();
        var (page, done) = await OpenAsync();

        using var absent = await SubmitAsync(page, ("name", name), ("password", AuthHost.Password));
        using var tooShort = await SubmitAsync(page, ("name", name), ("password", "short"), ("action", "create"));
        using var made = await SubmitAsync(page, ("name", name), ("password", AuthHost.Password), ("email", "a@example.test"), ("action", "create"));
        var (second, _) = await OpenAsync();
        using var again = await SubmitAsync(second, ("name", name), ("password", AuthHost.Password), ("action", "create"));

        absent.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        tooShort.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        made.StatusCode.ShouldBe(HttpStatusCode.OK);
        again.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        var token = (await AuthHost.JsonOf(await _host.SendAsync(HttpMethod.Get, done))).GetProperty("token").GetString()!;
        (await _host.IntrospectAsync(token)).Caller.Email.ShouldBe("a@example.test");
    }

    [Fact]
    public async Task Logging_in_on_the_page_needs_the_second_factor_too()
    {
        var account = await Authenticator.EnrolAsync(_host);
        var (page, done) = await OpenAsync();

        using var without = await SubmitAsync(page, ("name", account.Name), ("password", AuthHost.Password));
        using var wrong = await SubmitAsync(page, ("name", account.Name), ("password", AuthHost.Password), ("code", "00000x"));
        using var right = await SubmitAsync(page, ("name", account.Name), ("password", AuthHost.Password), ("code", account.NextCode));

        without.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        wrong.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        right.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await _host.SendAsync(HttpMethod.Get, done)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_second_factor_is_given_on_a_page_and_its_proof_counts_once()
    {
        var account = await Authenticator.EnrolAsync(_host);
        using var opened = await _host.SendInternalAsync(
            HttpMethod.Post, AuthRoutes.SecondFactorPages, new SecondFactorPageRequest(account.Caller.UserId!, Address, Client));
        var paths = (await opened.Content.ReadFromJsonAsync<SecondFactorPageResponse>(RegistryJson.Options))!;

        var shown = await (await _host.SendAsync(HttpMethod.Get, paths.PagePath!)).Content.ReadAsStringAsync();
        using var wrong = await SubmitAsync(paths.PagePath!, ("code", "00000x"));
        using var right = await SubmitAsync(paths.PagePath!, ("code", account.NextCode));
        var proof = (await AuthHost.JsonOf(await _host.SendAsync(HttpMethod.Get, paths.DonePath!))).GetProperty("token").GetString()!;

        shown.ShouldContain($"<strong>{account.Name}</strong>");
        wrong.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        right.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await CheckAsync(account, proof, "publish")).ShouldBeTrue();
        (await CheckAsync(account, proof, "something else")).ShouldBeFalse();
        (await CheckAsync(account, account.NextCode, "publish")).ShouldBeFalse("it was spent on the page");
    }

    [Theory]
    [InlineData("cross-site")]
    [InlineData("same-site")]
    public async Task A_form_sent_from_elsewhere_is_refused(string site)
    {
        var name = AuthHost.NewName();
        await _host.SignUpAsync(name);
        var (page, done) = await OpenAsync();

        using var response = await SubmitAsync(page, new Dictionary<string, string> { ["Sec-Fetch-Site"] = site }, ("name", name), ("password", AuthHost.Password));

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await _host.SendAsync(HttpMethod.Get, done)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    [Theory]
    [InlineData("/-/v1/login/nothing")]
    [InlineData("/-/v1/login/done/nothing")]
    public async Task A_link_nobody_was_given_is_404(string path)
    {
        using var response = await _host.SendAsync(HttpMethod.Get, path);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_address_opens_a_bounded_number_of_pages()
    {
        var address = AuthHost.NewAddress();
        for (var i = 0; i < 60; i++)
        {
            (await _host.SendAsync(HttpMethod.Post, "/-/v1/login", new { }, address: address, headers: Web)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        using var response = await _host.SendAsync(HttpMethod.Post, "/-/v1/login", new { }, address: address, headers: Web);

        response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    private async Task<(string Page, string Done)> OpenAsync()
    {
        using var response = await _host.SendAsync(HttpMethod.Post, "/-/v1/login", new { }, Caller.Rejected, Address, headers: Web);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        var document = await AuthHost.JsonOf(response);
        return (PathOf(document.GetProperty("loginUrl").GetString()!), PathOf(document.GetProperty("doneUrl").GetString()!));
    }

    private static string PathOf(string url)
    {
        url.ShouldStartWith("http://registry.test/");
        return new Uri(url).PathAndQuery;
    }

    private Task<HttpResponseMessage> SubmitAsync(string page, params (string Name, string Value)[] fields) =>
        SubmitAsync(page, new Dictionary<string, string> { ["Sec-Fetch-Site"] = "same-origin" }, fields);

    private Task<HttpResponseMessage> SubmitAsync(string page, Dictionary<string, string> headers, params (string Name, string Value)[] fields) =>
        _host.SendAsync(
            HttpMethod.Post, page, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))), headers: headers);

    private async Task<bool> CheckAsync(Authenticator account, string code, string operation)
    {
        using var response = await _host.SendInternalAsync(
            HttpMethod.Post, AuthRoutes.SecondFactor, new SecondFactorRequest(account.Caller.UserId!, code, operation));
        return (await response.Content.ReadFromJsonAsync<SecondFactorResponse>(RegistryJson.Options))!.Accepted;
    }
}
