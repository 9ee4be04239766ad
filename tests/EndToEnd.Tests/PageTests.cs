using Microsoft.Playwright;

using Registry.EndToEnd.Tests.Running;
using Registry.Testing;

namespace Registry.EndToEnd.Tests;

/// <summary>The pages in a real browser, at desktop and phone width.</summary>
[Trait("Profile", "one")] // pages ask the services what other tests ask them in both profiles
public sealed class PageTests(RegistryFixture fixture) : IAsyncLifetime
{
    private static readonly string[] Programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        var program = Programs.FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "No Chromium on this machine: install it with your system's package manager.");
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task The_home_page_names_this_servers_URL_and_searches(int width)
    {
        using var npm = await fixture.SignedUpAsync($"browsed-{width}");
        var name = $"browsed-package-{width}";
        (await npm.RunAsync(npm.NewPackage(name, "1.0.0"), "publish")).ShouldSucceed();
        await using var context = await _browser!.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = width, Height = 800 } });
        var page = await context.NewPageAsync();
        var errors = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                errors.Add(message.Text);
            }
        };

        await page.GotoAsync(fixture.Registry.Web);
        (await page.ContentAsync()).ShouldContain($"{fixture.Registry.Web}/r/main/");
        await ShouldFitAsync(page);

        await Eventually.ShouldHoldAsync(async () =>
        {
            await page.GotoAsync(fixture.Registry.Web);
            await page.GetByRole(AriaRole.Searchbox).First.FillAsync(name);
            await page.Keyboard.PressAsync("Enter");

            // The end of everything a page loads is not always told by the browser: its document is what is waited for.
            await page.WaitForURLAsync("**/search?q=*", new PageWaitForURLOptions { WaitUntil = WaitUntilState.Commit });
            await page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Level = 1 }).WaitForAsync();
            return await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = name }).CountAsync() > 0;
        }, "search finds the package");
        await ShouldFitAsync(page);

        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = name }).First.ClickAsync();
        (await page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Level = 1 }).TextContentAsync())!.ShouldContain(name);
        var text = await page.InnerTextAsync("body");
        text.ShouldContain("1.0.0");
        text.ShouldContain("latest");
        text.ShouldContain($"npm install {name}");
        await ShouldFitAsync(page);
        errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_unknown_package_is_a_page_with_404()
    {
        var page = await _browser!.NewPageAsync();

        var answer = await page.GotoAsync($"{fixture.Registry.Web}/packages/nobody-published-this");

        answer!.Status.ShouldBe(404);
        (await page.InnerTextAsync("body")).ShouldContain("nobody-published-this");
    }

    private static async Task ShouldFitAsync(IPage page) =>
        (await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= document.documentElement.clientWidth")).ShouldBeTrue("the page scrolls sideways");
}
