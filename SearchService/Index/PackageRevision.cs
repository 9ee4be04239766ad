namespace Registry.SearchService.Index;

/// <summary>The revision an index knows of a package, removed or not.</summary>
internal sealed record PackageRevision(string Repository, string Package, long Revision);
