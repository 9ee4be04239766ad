using System.Diagnostics;

using OpenTelemetry;

namespace Registry.ServiceDefaults;

/// <summary>npm logs out, and may revoke, with the access token in the path (protocol 3.2, 3.10); the spans that quote the path are exported without it.</summary>
internal sealed class HiddenTokens : BaseProcessor<Activity>
{
    private static readonly string[] Prefixes = ["/-/user/token/", "/-/npm/v1/tokens/token/", "/-/v1/login/done/", "/-/v1/login/"];
    private static readonly string[] PathTags = ["url.full", "url.path"];

    public override void OnEnd(Activity data)
    {
        foreach (var tag in PathTags)
        {
            if (data.GetTagItem(tag) is string text && Prefixes.FirstOrDefault(prefix => text.Contains(prefix, StringComparison.Ordinal)) is { } found)
            {
                data.SetTag(tag, $"{text[..(text.IndexOf(found, StringComparison.Ordinal) + found.Length)]}hidden");
            }
        }
    }
}
