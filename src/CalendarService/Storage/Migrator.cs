using System.Data.Common;
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

    public async Task CheckAsync(CancellationToken cancel)
    {
        await using var connection = await dialect.OpenAsync(cancel);
        await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT count(*) FROM schema_migrations", cancellationToken: cancel));
    }

    [LoggerMessage(LogLevel.Information, "Applied schema migration {Number}")]
    private partial void LogApplied(int number);
}
