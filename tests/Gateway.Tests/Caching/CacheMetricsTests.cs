using System.Diagnostics.Metrics;

using Microsoft.Extensions.DependencyInjection;

using Registry.Gateway.Caching;

namespace Registry.Gateway.Tests.Caching;

/// <summary>What a collector of metrics reads of the Gateway's memories.</summary>
public sealed class CacheMetricsTests
{
    [Fact]
    public async Task Each_cache_reports_what_it_holds_and_how_it_was_asked()
    {
        await using var services = new ServiceCollection().AddMetrics().AddSingleton<CacheMetrics>().BuildServiceProvider();
        var cache = new EvictableCache<string, string>(new CacheLimits(1, 100), TimeProvider.System);
        services.GetRequiredService<CacheMetrics>().Observe("things", () => cache.Tally);

        foreach (var key in (string[])["a", "a", "b"])
        {
            await cache.GetAsync(key, () => Task.FromResult(new Filled<string>(key, null, 10, TimeSpan.FromMinutes(1))), default);
        }

        Read(services.GetRequiredService<IMeterFactory>().Create("registry.gateway")).ShouldBe(
            [
                "registry.gateway.cache.bytes things = 10",
                "registry.gateway.cache.displaced things = 1",
                "registry.gateway.cache.entries things = 1",
                "registry.gateway.cache.lookups things hit = 1",
                "registry.gateway.cache.lookups things miss = 2",
                "registry.gateway.cache.lookups things wait = 0",
            ],
            ignoreOrder: true);
    }

    private static List<string> Read(Meter meter)
    {
        var read = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter, meter))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            read.Add($"{instrument.Name} {string.Join(' ', tags.ToArray().Select(tag => tag.Value))} = {value}"));
        listener.Start();
        listener.RecordObservableInstruments();
        return read;
    }
}
