using System.Data.Common;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace CalendarService.Storage;

/// <summary>Rows of one table in as few statements as the parameter limits allow: one round trip for hundreds of rows.</summary>
/// <param name="ending">What follows the rows, such as <c>ON CONFLICT DO NOTHING</c>.</param>
/// <param name="jsonColumn">The column, if any, that is JSON to the database.</param>
internal sealed class BatchInsert(
    Dialect dialect, string table, IReadOnlyList<string> columns, string ending = "", string? jsonColumn = null)
{
    // An array a column: the statement is as short for a thousand rows as for one, and so is the time that the server takes to read it.
    private readonly string _arrays =
        $"INSERT INTO {table} ({string.Join(", ", columns)}) "
        + $"SELECT {string.Join(", ", columns.Select((column, i) => column == jsonColumn ? $"c{i}::{dialect.JsonType}" : $"c{i}"))} "
        + $"FROM unnest({string.Join(", ", columns.Select((_, i) => $"${i + 1}"))}) "
        + $"AS given ({string.Join(", ", columns.Select((_, i) => $"c{i}"))}) {ending}";

    private readonly int _rowsPerStatement = Math.Max(1, dialect.ParametersPerStatement / columns.Count);

    public bool IsOneStatement(int rows) => rows <= _rowsPerStatement;

    public async Task ExecuteAsync(DbTransaction transaction, IReadOnlyList<object?[]> rows, CancellationToken cancel)
    {
        for (var start = 0; start < rows.Count; start += _rowsPerStatement)
            await ExecuteAsync(transaction.Connection!, transaction, rows, start, cancel);
    }

    /// <summary>Without a transaction around it.</summary>
    /// <param name="rows">As many as are <see cref="IsOneStatement">one statement</see>.</param>
    public Task ExecuteAloneAsync(DbConnection connection, IReadOnlyList<object?[]> rows) =>
        IsOneStatement(rows.Count)
            ? ExecuteAsync(connection, null, rows, 0, CancellationToken.None)
            : throw new ArgumentException($"{rows.Count} rows are more than one statement", nameof(rows));

    private async Task ExecuteAsync(
        DbConnection connection, DbTransaction? transaction, IReadOnlyList<object?[]> rows, int start, CancellationToken cancel)
    {
        var end = Math.Min(rows.Count, start + _rowsPerStatement);
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        if (command is NpgsqlCommand postgres)
            FillArrays(postgres, rows, start, end);
        else
            FillValues(command, rows, start, end);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private void FillArrays(NpgsqlCommand command, IReadOnlyList<object?[]> rows, int start, int end)
    {
        command.CommandText = _arrays;
        for (var column = 0; column < columns.Count; column++)
        {
            var sample = rows[start][column];
            for (var row = start + 1; sample is null && row < end; row++)
                sample = rows[row][column];
            command.Parameters.Add(sample switch
            {
                // Text where every row has null, which only columns of text have.
                null or string => Array<string?>(rows, start, end, column, NpgsqlDbType.Text, value => (string?)value),
                int => Array<int?>(rows, start, end, column, NpgsqlDbType.Integer, value => (int?)value),
                long => Array<long?>(rows, start, end, column, NpgsqlDbType.Bigint, value => (long?)value),
                DateTimeOffset => Array<DateTime?>(
                    rows, start, end, column, NpgsqlDbType.TimestampTz,
                    value => value is DateTimeOffset time ? TimestampHandler.Round(time).UtcDateTime : null),
                _ => throw new NotSupportedException($"{table}.{columns[column]}: {sample.GetType()}"),
            });
        }
    }

    private static NpgsqlParameter Array<T>(
        IReadOnlyList<object?[]> rows, int start, int end, int column, NpgsqlDbType type, Func<object?, T> value)
    {
        var values = new T[end - start];
        for (var row = start; row < end; row++)
            values[row - start] = value(rows[row][column]);
        return new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };
    }

    private void FillValues(DbCommand command, IReadOnlyList<object?[]> rows, int start, int end)
    {
        var sql = new StringBuilder($"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ");
        for (var row = start; row < end; row++)
        {
            sql.Append(row == start ? "(" : ", (");
            for (var column = 0; column < columns.Count; column++)
            {
                var name = $"p{row - start}_{column}";
                sql.Append(column == 0 ? "" : ", ")
                    .Append(columns[column] == jsonColumn ? dialect.JsonParameter(name) : "@" + name);
                Add(command, name, rows[row][column]);
            }

            sql.Append(')');
        }

        command.CommandText = sql.Append(' ').Append(ending).ToString();
    }

    private static void Add(DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value switch
        {
            null => DBNull.Value,
            DateTimeOffset time => TimestampHandler.ToParameter(time, postgres: false),
            _ => value,
        };
        command.Parameters.Add(parameter);
    }
}
