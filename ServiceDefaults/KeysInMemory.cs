using System.Collections.Concurrent;
using System.Xml.Linq;

using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace Registry.ServiceDefaults;

/// <summary>
/// Keys that parts of the framework make at every start, for what is not used here (affinity of sessions, tokens of forms). Left alone they would
/// be written into the home folder of whoever runs a service, with a warning that they lie there readable; whoever begins to use them has to share them between replicas.
/// </summary>
internal sealed class KeysInMemory : IXmlRepository
{
    private readonly ConcurrentQueue<XElement> _keys = new();

    public IReadOnlyCollection<XElement> GetAllElements() => [.. _keys];

    public void StoreElement(XElement element, string friendlyName) => _keys.Enqueue(element);

    /// <summary>Has a service keep them so.</summary>
    public static void Add(IServiceCollection services) =>
        services.Configure<KeyManagementOptions>(static options => (options.XmlRepository, options.XmlEncryptor) = (new KeysInMemory(), new NullXmlEncryptor()));
}
