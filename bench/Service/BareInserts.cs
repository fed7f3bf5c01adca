using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace ServiceBench;

/// <summary>
/// The least that could write the same rows: a connection a client, nothing read, nothing checked, one transaction for every 50
/// rows of the service's own table, without COPY and without prepared statements (a transaction pooler has none).
/// </summary>
internal sealed class BareInserts : IAsyncDisposable
{
    private const string Columns =
        "INSERT INTO publish_intents (id, calendar_id, run_id, user_id, channel, payload, status, error, created_at) VALUES ";
    private const string Conflict = " ON CONFLICT (id) DO NOTHING";

    private static readonly string OneRow = Columns + "($1, $2, $3, $4, $5, $6, $7, $8, $9)" + Conflict;

    private readonly NpgsqlConnection[] _connections;
    private readonly int _rows;
    private readonly string _manyRows;

    private BareInserts(NpgsqlConnection[] connections, int rows)
    {
        (_connections, _rows) = (connections, rows);
        var sql = new StringBuilder(Columns);
        for (var row = 0; row < rows; row++)
            sql.Append(row == 0 ? "" : ", ").Append('(').AppendJoin(", ", Enumerable.Range(row * 9 + 1, 9).Select(n => $"${n}"))
                .Append(')');
        _manyRows = sql.Append(Conflict).ToString();
    }

    public static async Task<BareInserts> OpenAsync(string database, int connections, int rows)
    {
        var open = new NpgsqlConnection[connections];
        for (var i = 0; i < connections; i++)
        {
            open[i] = new NpgsqlConnection(database + ";Application Name=bare");
            await open[i].OpenAsync();
        }

        return new(open, rows);
    }

    /// <summary>One statement with all rows.</summary>
    public async Task<int> StatementAsync(int client)
    {
        await using var transaction = await _connections[client].BeginTransactionAsync();
        await using var command = new NpgsqlCommand(_manyRows, _connections[client], transaction);
        for (var row = 0; row < _rows; row++)
            Add(command.Parameters, row);
        await command.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
        return _rows;
    }

    /// <summary>A statement a row, all in one round trip.</summary>
    public async Task<int> BatchAsync(int client)
    {
        await using var transaction = await _connections[client].BeginTransactionAsync();
        await using var batch = new NpgsqlBatch(_connections[client], transaction);
        for (var row = 0; row < _rows; row++)
        {
            var command = new NpgsqlBatchCommand(OneRow);
            Add(command.Parameters, row);
            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
        return _rows;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            await connection.DisposeAsync();
    }

    private static void Add(NpgsqlParameterCollection parameters, int row)
    {
        const string Payload =
            """
            {"entryId":"entry-00000","channel":"bluesky","scheduledAt":"2099-01-01T10:00:00+01:00","timezone":"Europe/Berlin","text":"Post 0: what a garden wants in spring, told in the length that most posts have, with an emoji 🌱 and an umlaut ä.","link":"https://shop.example/garden","mediaUrls":[],"tags":["garden","spring"],"dryRun":true}
            """;
        Text(Guid.CreateVersion7().ToString());
        Text("bare");
        parameters.Add(new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        Text("bare");
        Text("bluesky");
        parameters.Add(new NpgsqlParameter
        {
            Value = Payload.Replace(
                "00000", row.ToString("00000", System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal),
            NpgsqlDbType = NpgsqlDbType.Jsonb,
        });
        Text("dry_run_ok");
        parameters.Add(new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        parameters.Add(
            new NpgsqlParameter { Value = TimeProvider.System.GetUtcNow().UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });

        void Text(string value) => parameters.Add(new NpgsqlParameter<string> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Text });
    }
}
