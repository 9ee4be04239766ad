using System.Collections.Frozen;

namespace Registry.SearchService.Index;

/// <summary>
/// Latin letters without their marks, so that <c>résumé</c> is found by <c>resume</c>. A table of our own: the platform's
/// normalisation needs data that is not on every machine, and terms must not depend on the machine that made them.
/// </summary>
internal static class LatinLetters
{
    private const string Marked =
        "ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöùúûüýÿĀāĂăĄąĆćĈĉĊċČčĎďĒēĔĕĖėĘęĚěĜ"
        + "ĝĞğĠġĢģĤĥĨĩĪīĬĭĮįİĴĵĶķĹĺĻļĽľŃńŅņŇňŌōŎŏŐőŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽ"
        + "žſƠơƯưǍǎǏǐǑǒǓǔǕǖǗǘǙǚǛǜǞǟǠǡǦǧǨǩǪǫǬǭǰǴǵǸǹǺǻȀȁȂȃȄȅȆȇȈȉȊȋȌȍȎȏȐȑȒȓȔȕȖȗȘșȚțȞȟȦȧȨȩȪȫȬȭȮ"
        + "ȯȰȱȲȳøØđĐłŁħĦı";

    private const string Plain =
        "AAAAAACEEEEIIIINOOOOOUUUUYaaaaaaceeeeiiiinooooouuuuyyAaAaAaCcCcCcCcDdEeEeEeEeEeG"
        + "gGgGgGgHhIiIiIiIiIJjKkLlLlLlNnNnNnOoOoOoRrRrRrSsSsSsSsTtTtUuUuUuUuUuUuWwYyYZzZzZ"
        + "zsOoUuAaIiOoUuUuUuUuUuAaAaGgKkOoOojGgNnAaAaAaEeEeIiIiOoOoRrRrUuUuSsTtHhAaEeOoOoO"
        + "oOoYyoOdDlLhHi";

    private static readonly FrozenDictionary<char, char> PlainOf =
        Marked.Zip(Plain).ToFrozenDictionary(static pair => pair.First, static pair => pair.Second);

    /// <summary>The letter without its mark; any other character as it is.</summary>
    public static char Fold(char letter) => letter < 0x80 ? letter : PlainOf.GetValueOrDefault(letter, letter);
}
