using Microsoft.EntityFrameworkCore;

namespace Registry.Messaging.Tests;

/// <summary>A database with nothing but an outbox.</summary>
internal sealed class EventsContext(DbContextOptions<EventsContext> options) : DbContext(options)
{
    public DbSet<OutboxMessage> Outbox => Set<OutboxMessage>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddOutbox();
}
