using System.Text.RegularExpressions;

namespace Registry.EndToEnd.Tests.Running;

/// <summary>What somebody at a terminal does when something appears there.</summary>
/// <param name="Prompt">What appears: a regular expression, whatever the case.</param>
/// <param name="Answer">The keys that are pressed, given all that the terminal has shown; none of them for the empty text.</param>
public sealed record Reply(string Prompt, Func<string, Task<string>> Answer)
{
    /// <summary>The key that ends a program.</summary>
    public const string CtrlC = "\u0003";

    /// <summary>Types a line.</summary>
    public Reply(string prompt, string line) : this(prompt, _ => line)
    {
    }

    /// <summary>Types a line that depends on what the terminal shows.</summary>
    public Reply(string prompt, Func<string, string> line) : this(prompt, shown => Task.FromResult($"{line(shown)}\r"))
    {
    }

    /// <summary>Whether this is what the terminal's last words ask for.</summary>
    public bool IsTo(string shown) => Regex.IsMatch(shown, Prompt, RegexOptions.IgnoreCase);
}
