using System.Collections;
using System.Reflection;

namespace Registry.Architecture.Tests;

/// <summary>The options classes of the product: types called …Options that say which section they are read from.</summary>
internal static class OptionsReflection
{
    /// <summary>Section and type of each.</summary>
    public static IReadOnlyList<(string Section, Type Type)> All { get; } =
    [
        .. from type in Repository.Product.SelectMany(Repository.TypesOf)
           where type.Name.EndsWith("Options", StringComparison.Ordinal)
           let section = type.GetField("Section", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
           where section is { IsLiteral: true }
           select ((string)section.GetRawConstantValue()!, type),
    ];

    /// <summary>Every key they can be given, with <c>{name}</c> where the operator chooses a name.</summary>
    public static IReadOnlyList<string> Keys { get; } = [.. All.SelectMany(options => KeysOf(options.Section, options.Type)).Distinct()];

    /// <summary>True when a key, written with colons, is one of <see cref="Keys"/>.</summary>
    public static bool Knows(string key) => Keys.Any(known => Matches(known.Split(':'), key.Split(':')));

    private static bool Matches(string[] known, string[] key) =>
        known.Length == key.Length && known.Zip(key).All(pair => pair.First == "{name}" || pair.First == pair.Second);

    private static IEnumerable<string> KeysOf(string path, Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true })
            .SelectMany(property => KeysOfValue($"{path}:{property.Name}", property.PropertyType));

    private static IEnumerable<string> KeysOfValue(string path, Type type) =>
        type.IsGenericType && typeof(IDictionary).IsAssignableFrom(type) ? KeysOfValue($"{path}:{{name}}", type.GetGenericArguments()[1])
        : type is { IsClass: true, Namespace: { } space } && space.StartsWith("Registry.", StringComparison.Ordinal) ? KeysOf(path, type)
        : [path];
}
