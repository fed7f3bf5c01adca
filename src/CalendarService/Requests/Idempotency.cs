using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using CalendarService.Storage;
using Dapper;

namespace CalendarService.Requests;

/// <summary>One <c>Idempotency-Key</c> of one user, and the fingerprint of what was asked with it.</summary>
internal sealed record IdempotencyKey(string UserId, string Scope, string Key, string RequestHash)
{
    public const string Header = "Idempotency-Key";

    /// <summary>
    /// What <see cref="AnswerAsync(SnapshotResults, IdempotencyKey?)"/> reads, of <c>@key</c> in <c>@scope</c> of <c>@userId</c>.
    /// </summary>
    public const string Select =
        """
        SELECT request_hash AS RequestHash, answer AS Answer FROM idempotency_keys
        WHERE user_id = @userId AND scope = @scope AND key = @key
        """;

    private const int Longest = 255;

    /// <param name="request">What was asked, as understood: spelling of the JSON does not matter.</param>
    /// <returns>Null when the client sent none.</returns>
    public static IdempotencyKey? From<T>(HttpContext context, string userId, string scope, T request)
    {
        var header = context.Request.Headers[Header];
        if (header.Count == 0)
            return null;
        if (header is not [{ Length: > 0 and <= Longest } key] || key.Any(c => c is < ' ' or > '~'))
            throw RefusedException.Invalid(Header, $"has to be 1 to {Longest} printable ASCII characters, once");
        return new(userId, scope, key, Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(request))));
    }

    /// <summary>What was answered to this key before, if anything.</summary>
    /// <exception cref="RefusedException">The key came with another body then.</exception>
    public async Task<string?> AnswerAsync(DbConnection connection, DbTransaction? transaction = null) =>
        Answer(await connection.QuerySingleOrDefaultAsync<Row>(Select, new { userId = UserId, scope = Scope, key = Key }, transaction));

    /// <summary>The same, from the result of <see cref="Select"/>; there is none without a key.</summary>
    /// <exception cref="RefusedException">The key came with another body then.</exception>
    public static async Task<string?> AnswerAsync(SnapshotResults results, IdempotencyKey? key) =>
        await results.ReadSingleOrDefaultAsync<Row>() is { } known ? key!.Answer(known) : null;

    /// <summary>Takes the key in the transaction that does the work.</summary>
    /// <returns>False when somebody else was first; their work is then committed.</returns>
    public async Task<bool> TryTakeAsync(DbTransaction transaction, string answer, DateTimeOffset now) =>
        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO idempotency_keys (user_id, scope, key, request_hash, answer, created_at)
            VALUES (@UserId, @Scope, @Key, @RequestHash, @answer, @now) ON CONFLICT DO NOTHING
            """,
            new { UserId, Scope, Key, RequestHash, answer, now }, transaction) == 1;

    private string? Answer(Row? known) =>
        known is null || known.RequestHash == RequestHash ? known?.Answer : throw RefusedException.KeyReused();

    private sealed class Row
    {
        public required string RequestHash { get; init; }

        public required string Answer { get; init; }
    }
}

/// <summary>Keys of work that was accepted earlier, many at once.</summary>
internal sealed class IdempotencyStore(Dialect dialect)
{
    private readonly BatchInsert _insert = new(
        dialect, "idempotency_keys", ["user_id", "scope", "key", "request_hash", "answer", "created_at"], "ON CONFLICT DO NOTHING");

    /// <summary>Takes those that nobody has.</summary>
    public Task TakeAsync(
        DbTransaction transaction, IEnumerable<(IdempotencyKey Key, string Answer, DateTimeOffset At)> taken, CancellationToken cancel) =>
        _insert.ExecuteAsync(
            transaction,
            [.. taken.Select(t => new object?[] { t.Key.UserId, t.Key.Scope, t.Key.Key, t.Key.RequestHash, t.Answer, t.At })],
            cancel);
}
