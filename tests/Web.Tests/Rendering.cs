using AngleSharp;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Registry.Web.Tests;

/// <summary>Renders a page from the records it shows and reads it the way a browser does.</summary>
internal static class Rendering
{
    public static async Task<IHtmlDocument> RenderAsync<TPage>(params (string Name, object? Value)[] parameters)
        where TPage : IComponent
    {
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
        var view = ParameterView.FromDictionary(parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value));
        var html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<TPage>(view)).ToHtmlString());
        return Parse(html);
    }

    public static IHtmlDocument Parse(string html) => new HtmlParser(default, BrowsingContext.New()).ParseDocument(html);

    /// <summary>The text of an element as a reader sees it: runs of white space are one space.</summary>
    public static string Text(this IElement? element) =>
        string.Join(' ', element.ShouldNotBeNull().TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    public static string Text(this IHtmlDocument page, string selector) => page.QuerySelector(selector).Text();

    public static IReadOnlyList<string> Texts(this IHtmlDocument page, string selector) =>
        [.. page.QuerySelectorAll(selector).Select(element => element.Text())];
}
