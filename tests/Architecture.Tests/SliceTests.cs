using System.Reflection;
using System.Text.RegularExpressions;

namespace Registry.Architecture.Tests;

/// <summary>
/// A feature never uses another feature, a dialect never another dialect, and no feature a dialect: what two of them need
/// belongs to the core they stand on. Read from the compiled members and, for what a method's body names, from the source.
/// </summary>
public sealed partial class SliceTests
{
    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly HashSet<(string Kind, string Name)> Slices =
        [.. Repository.ProductSources.Select(file => SliceOf(file.Replace('/', '.'))).OfType<(string, string)>()];

    [Fact]
    public void There_are_slices_to_look_at() => Slices.Count.ShouldBeGreaterThan(10);

    [Fact]
    public void No_slice_uses_another_slice_in_its_members() =>
        Repository.Services.Values
            .SelectMany(Repository.TypesOf)
            .SelectMany(type => UsedBy(type).Select(used => (Of: type, Used: used)))
            .Where(pair => pair.Of.Assembly == pair.Used.Assembly && IsForbidden(SliceOf(pair.Of.Namespace), SliceOf(pair.Used.Namespace)))
            .Select(pair => $"{pair.Of.FullName} uses {pair.Used.FullName}")
            .Distinct()
            .ShouldBeEmpty();

    [Fact]
    public void No_slice_names_another_slice_in_its_source() =>
        (from file in Repository.ProductSources
         let slice = SliceOf(file.Replace('/', '.'))
         where slice is not null
         from Match named in SliceName().Matches(Repository.Read(file))
         let other = SliceOf($".{named.Value}.")
         where Slices.Contains(other!.Value) && IsForbidden(slice, other)
         select $"{file} names {named.Value}")
        .ShouldBeEmpty();

    [Fact]
    public void The_domain_of_packages_knows_neither_web_nor_database() =>
        Repository.ProductSources
            .Where(file => file.StartsWith("PackageService/Packages/", StringComparison.Ordinal))
            .Where(file => Regex.IsMatch(Repository.Read(file), @"\b(Microsoft\.AspNetCore|Microsoft\.EntityFrameworkCore|Npgsql|System\.Net\.Http)\b"))
            .ShouldBeEmpty();

    [Fact]
    public void A_slice_reads_its_options_not_the_configuration() =>
        Repository.ProductSources
            .Where(file => SliceOf(file.Replace('/', '.')) is not null)
            .Where(file => Regex.IsMatch(Repository.Read(file), @"\bIConfiguration\b"))
            .ShouldBeEmpty();

    [GeneratedRegex(@"\b(Features|Dialects)\.[A-Z]\w*")]
    private static partial Regex SliceName();

    /// <summary>The kind and name of the slice a namespace is in, for example (Features, Publishing); null outside slices.</summary>
    private static (string Kind, string Name)? SliceOf(string? path)
    {
        var parts = path?.Split('.') ?? [];
        var kind = Array.FindIndex(parts, part => part is "Features" or "Dialects");
        return kind >= 0 && kind + 1 < parts.Length && parts[kind + 1].Length > 0 && parts[kind + 1] != "cs" ? (parts[kind], parts[kind + 1]) : null;
    }

    private static bool IsForbidden((string Kind, string Name)? user, (string Kind, string Name)? used) =>
        user is not null && used is not null && user != used && (user.Value.Kind == used.Value.Kind || used.Value.Kind == "Dialects");

    private static IEnumerable<Type> UsedBy(Type type)
    {
        var members = type.GetFields(Everything).Select(field => field.FieldType)
            .Concat(type.GetProperties(Everything).Select(property => property.PropertyType))
            .Concat(type.GetConstructors(Everything).SelectMany(constructor => constructor.GetParameters()).Select(parameter => parameter.ParameterType))
            .Concat(type.GetMethods(Everything).SelectMany(UsedByMethod))
            .Concat(type.GetInterfaces())
            .Concat(type.BaseType is { } parent ? [parent] : []);
        return members.SelectMany(Unwrap).Distinct();
    }

    private static IEnumerable<Type> UsedByMethod(MethodInfo method) =>
        method.GetParameters().Select(parameter => parameter.ParameterType)
            .Append(method.ReturnType)
            .Concat(method.GetMethodBody()?.LocalVariables.Select(variable => variable.LocalType) ?? []);

    private static IEnumerable<Type> Unwrap(Type type) =>
        type.HasElementType ? Unwrap(type.GetElementType()!)
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Unwrap).Append(type)
        : [type];
}
