using System.Diagnostics;
using System.Text.Json;

using Registry.PackageService.Packages;

namespace Registry.PackageService.Tests.Packages;

public sealed class SemVersionRangeTests
{
    private const string Judge = """
        const { createRequire } = require('node:module');
        const { realpathSync, readFileSync } = require('node:fs');
        const path = process.env.PATH.split(':').map(folder => folder + '/npm').find(file => { try { realpathSync(file); return true } catch { return false } });
        const semver = createRequire(realpathSync(path))('semver');
        const { ranges, versions } = JSON.parse(readFileSync(0, 'utf8'));
        const options = { includePrerelease: true };
        const judged = ranges.map(range => semver.validRange(range, options) === null ? null : versions.filter(version => semver.satisfies(version, range, options)));
        process.stdout.write(JSON.stringify(judged));
        """;

    private static readonly string[] Ranges =
    [
        "", " ", "*", "x", "X", "1", "1.x", "1.2", "1.2.x", "1.2.*", "1.2.3", "v1.2.3", "=1.2.3", "=v1.2.3", "==1.2.3", "=1.2", "== 1", "vv1.2.3", "v1",
        ">1", ">1.2", ">1.2.3", ">=1", ">=1.2", ">=1.2.3", "<1", "<1.2", "<1.2.3", "<=1", "<=1.2", "<=1.2.3", "<=1.2.3-alpha", ">1.2.3-alpha.1", ">*", "<*", ">=*", "<=x", "=*",
        "^1", "^1.2", "^1.2.3", "^0", "^0.1", "^0.1.2", "^0.0", "^0.0.3", "^0.0.0", "^1.2.3-beta.2", "^0.1.2-beta", "^0.0.3-beta", "^*", "^x.2", "^1.x.3", "^v1.2.3",
        "~1", "~1.2", "~1.2.3", "~0", "~0.1", "~0.0.1", "~1.2.3-beta.2", "~>1.2", "~> 1.2.3", "~ 1.2", "~*", "~x.1", "~=1.2", "~ >1.2",
        "1.2.3 - 2.3.4", "1.2 - 2.3.4", "1 - 2", "1.2.3 - 2.3", "1.2.3 - 2", "* - 2", "1 - *", "1.2.3-alpha - 2.0.0-beta", "v1.2.3 - v2", "=1.2 - 2", "=1.2.3 - 2", "1 - 2 - 3", "1 -2",
        ">=1.2.3 <2", ">= 1.2.3 < 2.0.0", "> 1.2.3  <2.0.0", ">1 <1", ">=1.0.0 ^1.2", "1.x || 3.x", "1.2.3||2.x||^3", "<1.2.3 || >=2.0.0 <2.3.4", "1 ||", "|| 1", "||", ">=0.0.0", ">=0.0.0-0",
        "1.2.3+build", ">=1.2.3+build.5 <2+x", "1.2.3 + 4", "01.2.3", "1.02", "1.2.3-01", "1.2.3-", "1.2.3-x", "1.2.x-beta", "1.2.3-beta.x", "x.2.3", "x.x.3", "1.x.3", "1.*.3", ">x.1", "1.2.3.4",
        "latest", "1.2.3,2.0.0", ">", "<=", "^", "~", "-", "1 .2", ">1.2.3<2", "9007199254740991.0.0", "9007199254740992.0.0", "<=9007199254740991", "^9007199254740991", "1.2.3alpha", "!1", "a || 1", "1 2",
    ];

    private static readonly string[] Versions =
    [
        "0.0.0-0", "0.0.0", "0.0.1", "0.0.3-beta", "0.0.3", "0.0.4-0", "0.1.0", "0.1.2-beta", "0.1.2", "0.2.0-alpha", "0.2.0", "1.0.0-0", "1.0.0-alpha", "1.0.0", "1.2.0-0", "1.2.0-alpha", "1.2.0",
        "1.2.3-alpha", "1.2.3-alpha.1", "1.2.3-alpha.beta", "1.2.3-beta.2", "1.2.3-beta.11", "1.2.3-rc", "1.2.3", "1.2.3+build", "1.2.4-0", "1.2.4", "1.3.0-alpha", "1.3.0", "1.10.0", "2.0.0-0", "2.0.0-beta",
        "2.0.0", "2.3.0", "2.3.4-rc.1", "2.3.4", "2.3.5-0", "2.4.0-0", "2.4.0", "3.0.0-alpha", "3.0.0", "3.1.4", "10.0.0", "9007199254740991.0.0",
    ];

    [Fact]
    public async Task Ranges_mean_what_they_mean_to_npm()
    {
        string[] ranges = [.. Ranges, .. Enumerable.Range(0, 600).Select(static seed => MadeUp(new Dice(seed)))];

        var judged = await AskNpmAsync(ranges);

        var wrong = ranges.Zip(judged, static (range, expected) => (Range: range, Expected: expected, Actual: Found(range)))
            .Where(static one => (one.Expected is null) != (one.Actual is null) || !(one.Expected ?? []).SequenceEqual(one.Actual ?? []))
            .Select(static one => $"'{one.Range}' npm: {Shown(one.Expected)} here: {Shown(one.Actual)}");
        wrong.Take(10).ShouldBeEmpty();
        judged.Count(static one => one is null).ShouldBeInRange(100, ranges.Length - 100); // both kinds are asked about
    }

    [Fact]
    public void A_range_is_bounded_in_length()
    {
        SemVersionRange.TryParse(new string(' ', SemVersionRange.MaxLength), out _).ShouldBeTrue();
        SemVersionRange.TryParse(new string(' ', SemVersionRange.MaxLength + 1), out _).ShouldBeFalse();
        SemVersionRange.TryParse(null, out _).ShouldBeFalse();
    }

    private static string[]? Found(string text) =>
        SemVersionRange.TryParse(text, out var range) ? [.. Versions.Where(version => range.Contains(SemVersion.Parse(version)))] : null;

    private static string Shown(string[]? versions) => versions is null ? "invalid" : $"[{string.Join(' ', versions)}]";

    private static async Task<string[]?[]> AskNpmAsync(string[] ranges)
    {
        using var node = Process.Start(new ProcessStartInfo("node", ["-e", Judge]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        await node.StandardInput.WriteAsync(JsonSerializer.Serialize(new { ranges, versions = Versions }, JsonSerializerOptions.Web));
        node.StandardInput.Close();
        var judged = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        node.ExitCode.ShouldBe(0);
        return JsonSerializer.Deserialize<string[]?[]>(judged)!;
    }

    private static string MadeUp(Dice dice) =>
        string.Join(dice.Of(" || ", "||", "  ||  "), Enumerable.Range(0, dice.Next(3) + 1).Select(_ => Alternative(dice)));

    private static string Alternative(Dice dice) =>
        dice.Next(6) == 0
            ? $"{Version(dice)} - {Version(dice)}"
            : string.Join(dice.Of(" ", "  "), Enumerable.Range(0, dice.Next(3) + 1).Select(_ => $"{dice.Of("", "^", "~", "~>", ">", ">=", "<", "<=", "=")}{dice.Of("", "", "", " ")}{Version(dice)}"));

    private static string Version(Dice dice)
    {
        var numbers = string.Join('.', Enumerable.Range(0, dice.Next(3) + 1).Select(_ => dice.Of("0", "1", "2", "3", "x", "*")));
        return $"{dice.Of("", "", "", "v")}{numbers}{dice.Of("", "", "-0", "-alpha", "-beta.2")}{dice.Of("", "", "", "+b.1")}";
    }

    /// <summary>Numbers that look drawn and are the same every time.</summary>
    private sealed class Dice(int seed)
    {
        private ulong _state = (ulong)seed * 2654435761 + 88172645463325252;

        public int Next(int below)
        {
            _state ^= _state << 13;
            _state ^= _state >> 7;
            _state ^= _state << 17;
            return (int)(_state % (ulong)below);
        }

        public string Of(params string[] some) => some[Next(some.Length)];
    }
}
