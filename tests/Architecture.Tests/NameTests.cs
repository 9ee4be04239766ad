using System.Text.RegularExpressions;

namespace Registry.Architecture.Tests;

/// <summary>Names that say nothing hide a class without one job.</summary>
public sealed partial class NameTests
{
    [Fact]
    public void No_type_is_called_a_helper() =>
        Repository.Product.SelectMany(Repository.TypesOf)
            .Where(type => Vague().IsMatch(type.Name.Split('`')[0]))
            .Select(type => type.FullName)
            .Except(["Registry.Upstreams.RegistryManager"]) // its specification names it (M38)
            .ShouldBeEmpty();

    [Fact]
    public void No_file_or_folder_is_called_a_helper() =>
        Repository.Files
            .Where(file => file.Split('/').Any(part => Vague().IsMatch(Path.GetFileNameWithoutExtension(part))))
            .Except(["Upstreams/RegistryManager.cs"])
            .ShouldBeEmpty();

    [Fact]
    public void Events_are_past_tense_without_a_suffix() =>
        Repository.Product.SelectMany(Repository.TypesOf)
            .Where(type => type is { IsClass: true, Namespace: "Registry.Contracts.Events" })
            .Where(type => !type.Name.EndsWith("ed", StringComparison.Ordinal))
            .Select(type => type.Name)
            .ShouldBeEmpty();

    [Fact]
    public void Folders_are_named_after_things_not_after_kinds_of_class() =>
        Repository.Files
            .SelectMany(file => file.Split('/')[..^1])
            .Distinct()
            .Where(folder => folder is "Outcomes" or "Services" or "Repositories" or "Interfaces" or "Models" or "Extensions" or "Entities")
            .ShouldBeEmpty();

    [GeneratedRegex("(Util|Utils|Utility|Utilities|Helper|Helpers|Manager|Dto)$|^(Common|Misc|Shared|Helpers|Utils)$")]
    private static partial Regex Vague();
}
