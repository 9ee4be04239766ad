using System.Text.Json.Nodes;

namespace Registry.PackageService.Features.Publishing.Tarballs;

/// <summary>What is inside a tarball.</summary>
/// <param name="PackageJson">The package.json in its root folder.</param>
internal sealed record TarballContents(JsonObject PackageJson)
{
    /// <summary>How many regular files there are.</summary>
    public required int FileCount { get; init; }

    /// <summary>Their sizes added up.</summary>
    public required long UnpackedSizeBytes { get; init; }

    /// <summary>There is a binding.gyp, which makes installers run node-gyp.</summary>
    public bool HasBindingGyp { get; init; }

    /// <summary>There is a server.js, which npm takes for the start script of a package without one.</summary>
    public bool HasServerJs { get; init; }

    /// <summary>There is an npm-shrinkwrap.json.</summary>
    public bool HasShrinkwrap { get; init; }

    /// <summary>The first 64 KiB of the readme.</summary>
    public string? Readme { get; init; }

    /// <summary>The readme's file name.</summary>
    public string? ReadmeFilename { get; init; }
}

/// <summary>How inspecting a tarball ended.</summary>
internal abstract record InspectionOutcome
{
    private InspectionOutcome()
    {
    }

    /// <summary>It is a package.</summary>
    internal sealed record Accepted(TarballContents Contents) : InspectionOutcome;

    /// <summary>It is not acceptable.</summary>
    internal sealed record Rejected(ReadOutcome.Refused Refusal) : InspectionOutcome;
}
