using System.Data.Common;
using System.Text;

namespace CalendarService.Storage;

/// <summary>Rows of one table in as few statements as the parameter limits allow: one round trip for hundreds of rows.</summary>
/// <param name="ending">What follows the rows, such as <c>ON CONFLICT DO NOTHING</c>.</param>
/// <param name="jsonColumn">The column, if any, that is JSON to the database.</param>
internal sealed class BatchInsert(
    Dialect dialect, string table, IReadOnlyList<string> columns, string ending = "", string? jsonColumn = null)
{
    public async Task ExecuteAsync(DbTransaction transaction, IReadOnlyList<object?[]> rows, CancellationToken cancel)
    {
        var chunk = Math.Max(1, dialect.ParametersPerStatement / columns.Count);
        for (var start = 0; start < rows.Count; start += chunk)
            await ExecuteAsync(transaction, rows, start, Math.Min(rows.Count, start + chunk), cancel);
    }

    private async Task ExecuteAsync(
        DbTransaction transaction, IReadOnlyList<object?[]> rows, int start, int end, CancellationToken cancel)
    {
        await using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
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
        await command.ExecuteNonQueryAsync(cancel);
    }

    private void Add(DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value switch
        {
            null => DBNull.Value,
            DateTimeOffset time => TimestampHandler.ToParameter(time, dialect is PostgresDialect),
            _ => value,
        };
        command.Parameters.Add(parameter);
    }
}
