namespace Registry.Contracts.Http.Storage;

/// <summary>How blobs lie in a folder, for StorageService, which writes them, and for a Gateway that has the same folder and only reads.</summary>
public static class BlobFiles
{
    /// <summary>Folder of all blobs below the store's own.</summary>
    /// <param name="root">The store's folder (<c>Storage:Path</c>).</param>
    public static string FolderIn(string root) => Path.GetFullPath(Path.Combine(root, "blobs", "sha256"));

    /// <summary>
    /// Where a blob lies: <c>ab/cd/{64 digits}</c>, <c>ab</c> and <c>cd</c> being its first four digits, so that ten million blobs make folders of
    /// about 150 files. The digits are repeated in full: a file that is moved about keeps telling what it is.
    /// </summary>
    /// <param name="folder">What <see cref="FolderIn"/> says.</param>
    /// <param name="hex">The 64 lower-case hexadecimal digits of the blob's SHA-256.</param>
    public static string PathOf(string folder, string hex) => Path.Combine(folder, hex[..2], hex[2..4], hex);
}
