using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.PackageService.Tests.Running;

namespace Registry.PackageService.Tests.Features.Hooks;

/// <summary>Hooks are made, seen and changed by their owners alone.</summary>
[Collection(nameof(HookSystem))]
public sealed class HookTests(HookSystem hooks)
{
    private const string Endpoint = "https://receiver.example.test/told?by=registry";

    [Fact]
    public async Task A_hook_is_made_listed_changed_and_removed_and_its_secret_is_never_told()
    {
        var (user, name) = (await hooks.NewUserAsync(), PackageSystem.NewName());
        using var client = hooks.Npm(user);

        using var made = await client.PostAsJsonAsync("/-/npm/v1/hooks/hook", New(name));
        var hook = (await made.Content.ReadFromJsonAsync<JsonObject>())!;
        var path = $"/-/npm/v1/hooks/hook/{hook["id"]}";
        var listed = await client.GetFromJsonAsync<JsonObject>($"/-/npm/v1/hooks?package={name}&limit=10&offset=0");
        using var changed = await client.PutAsJsonAsync(path, new { endpoint = "http://other.example.test/", secret = "another" });
        var after = await client.GetFromJsonAsync<JsonObject>(path);
        using var removed = await client.DeleteAsync(path);
        using var gone = await client.GetAsync(path);

        made.StatusCode.ShouldBe(HttpStatusCode.Created);
        (hook["username"]!.GetValue<string>(), hook["name"]!.GetValue<string>(), hook["type"]!.GetValue<string>(), hook["endpoint"]!.GetValue<string>())
            .ShouldBe((user.UserName, name, "package", Endpoint));
        (hook["delivered"]!.GetValue<bool>(), hook["status"]!.GetValue<string>(), hook["secret"]).ShouldBe((false, "active", null));
        listed!["objects"]!.AsArray().ShouldHaveSingleItem()!.ToJsonString().ShouldBe(hook.ToJsonString());
        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
        (after!["endpoint"]!.GetValue<string>(), after["secret"]).ShouldBe(("http://other.example.test/", null));
        (await removed.Content.ReadFromJsonAsync<JsonObject>())!["id"]!.ToString().ShouldBe(hook["id"]!.ToString());
        (gone.StatusCode, await CodeOf(gone)).ShouldBe((HttpStatusCode.NotFound, "hook_not_found"));
    }

    [Fact]
    public async Task Nobody_else_sees_or_changes_a_hook()
    {
        var owner = await hooks.NewUserAsync();
        var id = await hooks.HookAsync(owner, "scope", "@acme", new Uri(Endpoint));
        using var other = hooks.Npm(await hooks.NewUserAsync());
        using var stranger = hooks.Npm();
        var path = $"/-/npm/v1/hooks/hook/{id}";

        foreach (var answer in new[] { await other.GetAsync(path), await other.PutAsJsonAsync(path, New("x")), await other.DeleteAsync(path) })
        {
            (answer.StatusCode, await CodeOf(answer)).ShouldBe((HttpStatusCode.NotFound, "hook_not_found"));
            answer.Dispose();
        }

        foreach (var answer in new[]
        {
            await stranger.GetAsync("/-/npm/v1/hooks"), await stranger.GetAsync(path), await stranger.PostAsJsonAsync("/-/npm/v1/hooks/hook", New("x")),
            await stranger.PutAsJsonAsync(path, New("x")), await stranger.DeleteAsync(path),
        })
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            answer.Dispose();
        }

        (await other.GetFromJsonAsync<JsonObject>("/-/npm/v1/hooks"))!["objects"]!.AsArray().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"type":"org","name":"x","endpoint":"https://r.example.test/","secret":"s"}""", "invalid_request")]
    [InlineData("""{"type":"package","name":"_x","endpoint":"https://r.example.test/","secret":"s"}""", "invalid_request")]
    [InlineData("""{"type":"package","endpoint":"https://r.example.test/","secret":"s"}""", "invalid_request")]
    [InlineData("""{"type":"scope","name":"@a/b","endpoint":"https://r.example.test/","secret":"s"}""", "invalid_request")]
    [InlineData("""{"type":"owner","name":"~","endpoint":"https://r.example.test/","secret":"s"}""", "invalid_request")]
    [InlineData("""{"type":"package","name":"x","endpoint":"ftp://r.example.test/","secret":"s"}""", "invalid_request")]
    [InlineData("""{"type":"package","name":"x","endpoint":"https://me:pw@r.example.test/","secret":"s"}""", "invalid_request")]
    [InlineData("""{"type":"package","name":"x","endpoint":"http://10.0.0.1/","secret":"s"}""", "invalid_request")]
    [InlineData("""{"type":"package","name":"x","endpoint":"http://127.0.0.1:5000/","secret":"s"}""", "invalid_request")]
    [InlineData("""{"type":"package","name":"x","endpoint":"http://[::ffff:169.254.169.254]/","secret":"s"}""", "invalid_request")]
    [InlineData("""{"type":"package","name":"x","endpoint":"https://r.example.test/","secret":""}""", "invalid_request")]
    [InlineData("""{"type":"package","name":"x","endpoint":"https://r.example.test/"}""", "invalid_request")]
    [InlineData("""{"type":7}""", "invalid_json")]
    [InlineData("hook", "invalid_json")]
    public async Task A_hook_that_cannot_be_is_refused(string body, string code)
    {
        using var client = hooks.Npm(await hooks.NewUserAsync());

        using var answer = await client.PostAsync("/-/npm/v1/hooks/hook", new StringContent(body, Encoding.UTF8, "application/json"));

        (answer.StatusCode, await CodeOf(answer)).ShouldBe((HttpStatusCode.BadRequest, code));
    }

    [Fact]
    public async Task An_account_has_so_many_hooks_and_no_more_whoever_asks_at_once()
    {
        using var client = hooks.Npm(await hooks.NewUserAsync());

        var answers = await Task.WhenAll(Enumerable.Range(0, HookSystem.MaxPerAccount + 3).Select(i => client.PostAsJsonAsync("/-/npm/v1/hooks/hook", New($"x{i}"))));

        answers.Count(static answer => answer.StatusCode == HttpStatusCode.Created).ShouldBe(HookSystem.MaxPerAccount);
        (await CodeOf(answers.First(static answer => answer.StatusCode != HttpStatusCode.Created))).ShouldBe("too_many_hooks");
    }

    [Fact]
    public async Task A_limited_token_neither_makes_hooks_nor_sees_them()
    {
        var user = await hooks.NewUserAsync();
        using var reader = hooks.Npm(user with { Limits = new TokenLimits(true, null, null) });
        using var limited = hooks.Npm(user with { Limits = new TokenLimits(false, ["mine"], null) });
        using var ofOrganisation = hooks.Npm(user with { Limits = new TokenLimits(false, null, null) { Organisations = ["acme"] } });

        using var refused = await reader.PostAsJsonAsync("/-/npm/v1/hooks/hook", New("mine"));
        using var made = await limited.PostAsJsonAsync("/-/npm/v1/hooks/hook", New("mine"));
        using var listed = await limited.GetAsync("/-/npm/v1/hooks");
        using var listedToo = await ofOrganisation.GetAsync("/-/npm/v1/hooks");

        (await CodeOf(refused), await CodeOf(made), await CodeOf(listed), await CodeOf(listedToo))
            .ShouldBe(("token_read_only", "token_limited", "token_limited", "token_limited"));
    }

    private static object New(string name) => new { type = "package", name, endpoint = Endpoint, secret = "s3cret" };

    private static async Task<string> CodeOf(HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<JsonObject>())!["code"]!.GetValue<string>();
}
