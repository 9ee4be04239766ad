namespace Registry.Contracts.Events;

/// <summary>A credential stopped being valid, or what it allows changed. Published by AuthService; caches of introspections drop it.</summary>
/// <param name="EventId">Identifies this occurrence.</param>
/// <param name="OccurredAt">When it stopped being valid, UTC.</param>
/// <param name="CredentialId">The credential's id as introspection names it: <c>token:{id}</c>, <c>password:{user id}</c> after a password change, or <c>account:{user id}</c>
/// for all of an account's when the organisations and teams it belongs to changed.</param>
public sealed record AccessTokenRevoked(Guid EventId, DateTimeOffset OccurredAt, string CredentialId) : IRegistryEvent;
