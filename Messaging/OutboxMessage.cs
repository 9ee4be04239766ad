using System.Diagnostics;
using System.Text.Json;

using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Events;
using Registry.ServiceDefaults;

namespace Registry.Messaging;

/// <summary>An event waiting in the database that made it, written in the transaction it tells of. Table <c>outbox</c>.</summary>
public sealed class OutboxMessage
{
    /// <summary>Order of writing; events of one package leave in this order.</summary>
    public long Id { get; set; }

    /// <summary>Name of the event's record in Contracts.</summary>
    public required string Type { get; set; }

    /// <summary>The event as JSON.</summary>
    public required string Body { get; set; }

    /// <summary>When it was written, UTC.</summary>
    public DateTimeOffset OccurredAt { get; set; }

    /// <summary>W3C trace context of the request that made it, so that its trace goes on through the broker.</summary>
    public string? TraceParent { get; set; }

    /// <summary>How often sending was tried.</summary>
    public int Attempts { get; set; }

    /// <summary>Not to be sent before, UTC.</summary>
    public DateTimeOffset DueAt { get; set; }

    /// <summary>Until when a dispatcher holds it; null when none does.</summary>
    public DateTimeOffset? LeasedUntil { get; set; }
}

/// <summary>Puts events into the outbox of a database.</summary>
public static class Outbox
{
    /// <summary>Maps the table <c>outbox</c>; call it from <c>OnModelCreating</c>.</summary>
    public static void AddOutbox(this ModelBuilder model) =>
        model.Entity<OutboxMessage>(message =>
        {
            message.ToTable("outbox");
            message.HasKey(m => m.Id).HasName("pk_outbox");
            message.Property(m => m.Id).HasColumnName("id").UseIdentityAlwaysColumn();
            message.Property(m => m.Type).HasColumnName("type");
            message.Property(m => m.Body).HasColumnName("body").HasColumnType("jsonb");
            message.Property(m => m.OccurredAt).HasColumnName("occurred_at");
            message.Property(m => m.TraceParent).HasColumnName("trace_parent");
            message.Property(m => m.Attempts).HasColumnName("attempts");
            message.Property(m => m.DueAt).HasColumnName("due_at");
            message.Property(m => m.LeasedUntil).HasColumnName("leased_until");
            message.HasIndex(m => m.DueAt).HasDatabaseName("ix_outbox_due_at");
        });

    /// <summary>Writes the event with the next <c>SaveChanges</c>, hence in the same transaction as what it tells of.</summary>
    public static void Enqueue<TEvent>(this DbContext db, TEvent happened)
        where TEvent : class, IRegistryEvent =>
        db.Set<OutboxMessage>().Add(RowOf(happened));

    /// <summary>The row of an event that now happens, for those who write it with a statement of their own.</summary>
    public static OutboxMessage RowOf<TEvent>(TEvent happened)
        where TEvent : class, IRegistryEvent => new()
        {
            Type = typeof(TEvent).Name,
            Body = JsonSerializer.Serialize(happened, RegistryJson.Options),
            OccurredAt = happened.OccurredAt,
            DueAt = happened.OccurredAt,
            TraceParent = Activity.Current?.Id,
        };
}
