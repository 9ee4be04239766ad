using System.Net;
using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.Testing;

namespace Registry.StorageService.Tests.Features;

public sealed class HealthTests
{
    [Fact]
    public async Task The_service_is_ready_while_it_can_write_and_not_ready_when_it_cannot()
    {
        await using var storage = await StorageHost.StartAsync();
        using var anyone = storage.Host.ClientForStranger();
        (await StatusAsync(anyone, "/health")).ShouldBe((HttpStatusCode.OK, "ok"));

        Directory.Delete(storage.Folder.Path, recursive: true);

        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(15)); // an answer is kept for some seconds
        while (await StatusAsync(anyone, "/health") != (HttpStatusCode.ServiceUnavailable, "failed"))
        {
            await Task.Delay(100, deadline.Token);
        }

        (await StatusAsync(anyone, "/alive")).ShouldBe((HttpStatusCode.OK, "ok"));
    }

    [Fact]
    public async Task Without_a_folder_the_service_does_not_start_and_says_which_setting_is_missing()
    {
        var failure = await Should.ThrowAsync<Exception>(() => ServiceHost.StartAsync(ServiceNames.Storage, StorageServiceApp.Build));

        failure.Message.ShouldContain("Storage:Path is missing");
    }

    private static async Task<(HttpStatusCode Status, string Word)> StatusAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(path);
        var document = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        return (response.StatusCode, document["status"]!.GetValue<string>());
    }
}
