using System.Diagnostics;

using OpenTelemetry;

namespace Registry.ServiceDefaults;

/// <summary>npm logs out with the access token in the path (protocol 3.2); the spans that quote the path are exported without it.</summary>
internal sealed class HiddenTokens : BaseProcessor<Activity>
{
    private const string Logout = "/-/user/token/";
    private static readonly string[] PathTags = ["url.full", "url.path"];

    public override void OnEnd(Activity data)
    {
        foreach (var tag in PathTags)
        {
            if (data.GetTagItem(tag) is string text && text.IndexOf(Logout, StringComparison.Ordinal) is >= 0 and var at)
            {
                data.SetTag(tag, $"{text[..(at + Logout.Length)]}hidden");
            }
        }
    }
}
