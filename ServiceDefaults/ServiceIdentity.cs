namespace Registry.ServiceDefaults;

/// <summary>Which service this host is.</summary>
/// <param name="Name">One of <see cref="Contracts.Http.ServiceNames"/>.</param>
public sealed record ServiceIdentity(string Name);
