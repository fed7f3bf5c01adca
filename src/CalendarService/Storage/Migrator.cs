using Dapper;

namespace CalendarService.Storage;

/// <summary>Brings the schema up to date, in one transaction, under a lock: replicas may start together.</summary>
internal sealed partial class Migrator(Dialect dialect, TimeProvider clock, ILogger<Migrator> logger)
{
    public async Task MigrateAsync(CancellationToken cancel)
    {
        await using var connection = await dialect.OpenAsync(cancel);
        await using var transaction = await dialect.BeginWriteAsync(connection, cancel);
        await dialect.LockMigrationsAsync(transaction, cancel);
        await connection.ExecuteAsync(
            $"CREATE TABLE IF NOT EXISTS schema_migrations (number integer PRIMARY KEY, applied_at {dialect.TimestampType} NOT NULL)",
            transaction: transaction);
        var applied = await connection.ExecuteScalarAsync<int>(
            "SELECT coalesce(max(number), 0) FROM schema_migrations", transaction: transaction);

        // A newer program's schema is fine for us: migrations only add.
        for (var number = applied + 1; number <= Migrations.All.Count; number++)
        {
            await connection.ExecuteAsync(Migrations.For(number, dialect), transaction: transaction);
            await connection.ExecuteAsync(
                "INSERT INTO schema_migrations (number, applied_at) VALUES (@number, @at)",
                new { number, at = clock.GetUtcNow() }, transaction);
            LogApplied(number);
        }

        await transaction.CommitAsync(cancel);
    }

    /// <param name="write">Whether reading is not proof enough.</param>
    /// <returns>What the database can be used for.</returns>
    /// <exception cref="InvalidOperationException">It lacks a migration.</exception>
    public async Task<StoreAccess> CheckAsync(bool write, CancellationToken cancel)
    {
        await using var connection = await dialect.OpenProbeAsync(cancel);
        var applied = await connection.ExecuteScalarAsync<int>(new CommandDefinition(
            "SELECT coalesce(max(number), 0) FROM schema_migrations", cancellationToken: cancel));
        if (applied < Migrations.All.Count)
            throw new InvalidOperationException($"the database has {applied} of {Migrations.All.Count} migrations");
        if (await dialect.IsReadOnlyAsync(connection, cancel))
            return StoreAccess.Read;
        if (write)
        {
            // And commits: a disk that is full or a synchronous standby that is gone lets everything pass but that.
            await using var transaction = await dialect.BeginWriteAsync(connection, cancel);
            await connection.ExecuteAsync(new CommandDefinition(
                "UPDATE schema_migrations SET applied_at = applied_at WHERE number = 1", transaction: transaction,
                cancellationToken: cancel));
            await transaction.CommitAsync(cancel);
        }

        return StoreAccess.ReadWrite;
    }

    [LoggerMessage(LogLevel.Information, "Applied schema migration {Number}")]
    private partial void LogApplied(int number);
}
