using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.PackageService.Tests.Running;

namespace Registry.PackageService.Tests.Dialects;

/// <summary>One user at npm's protocol: what its clients send, as they send it.</summary>
internal sealed class NpmClient(PackageSystem system, Caller caller) : IDisposable
{
    private readonly HttpClient _http = system.Npm(caller);

    public string UserName { get; } = caller.UserName!;

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(path);

    public Task<HttpResponseMessage> PutAsync(string path, JsonNode body) => _http.PutAsJsonAsync(path, body);

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body = null) =>
        _http.SendAsync(new HttpRequestMessage(method, path) { Content = body });

    /// <summary>The full document, as clients read it before they change it.</summary>
    public async Task<JsonObject> ReadAsync(string name) => (await _http.GetFromJsonAsync<JsonObject>($"/{name}?write=true"))!;

    /// <summary>Sends the document back, changed.</summary>
    public async Task<HttpResponseMessage> UpdateAsync(string name, Action<JsonObject> change)
    {
        var document = await ReadAsync(name);
        change(document);
        return await PutAsync($"/{name}", document);
    }

    /// <summary>Sends the document back, changed, to the path that names its revision.</summary>
    public async Task<HttpResponseMessage> UpdateRevisionAsync(string name, Action<JsonObject> change)
    {
        var document = await ReadAsync(name);
        change(document);
        return await PutAsync($"/{name}/-rev/{document["_rev"]}", document);
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>What tests look for in answers.</summary>
internal static class NpmAnswers
{
    public static async Task<JsonObject> JsonAsync(this HttpResponseMessage response) => (await response.Content.ReadFromJsonAsync<JsonObject>())!;

    /// <summary>It worked, says so in JSON that npm 6 can read, and makes the Gateway forget the package.</summary>
    public static async Task<string?> ShouldBeOkAsync(this HttpResponseMessage response, string name, int status = 200)
    {
        var body = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, body);
        response.Headers.GetValues(InternalHeaders.Changed).ShouldBe([$"main/{name}"]);
        var answer = JsonNode.Parse(body)!;
        (answer["id"]!.GetValue<string>(), answer["success"]!.GetValue<bool>()).ShouldBe((name, true));
        return answer["rev"]?.GetValue<string>();
    }

    /// <summary>It was refused, with a sentence and this code.</summary>
    public static async Task ShouldBeRefusedAsync(this HttpResponseMessage response, int status, string code)
    {
        var body = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, $"{response.RequestMessage!.Method} {response.RequestMessage.RequestUri!.PathAndQuery}: {body}");
        var answer = JsonNode.Parse(body)!;
        answer["code"]!.GetValue<string>().ShouldBe(code);
        answer["error"]!.GetValue<string>().ShouldNotBeNullOrWhiteSpace();
        response.Headers.Contains(InternalHeaders.Changed).ShouldBeFalse();
    }
}
