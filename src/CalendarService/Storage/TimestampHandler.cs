using System.Data;
using System.Globalization;
using Dapper;
using Npgsql;

namespace CalendarService.Storage;

/// <summary>
/// Instants are UTC in both databases, to the microsecond that Postgres keeps: <c>timestamptz</c>, or sortable text in SQLite.
/// </summary>
internal sealed class TimestampHandler : SqlMapper.TypeHandler<DateTimeOffset>
{
    private const string Sortable = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    public static void Register()
    {
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset?));
        SqlMapper.AddTypeHandler(new TimestampHandler());
    }

    /// <summary>Cut to what both databases keep, so that a value read back equals the value written.</summary>
    public static DateTimeOffset Round(DateTimeOffset value) =>
        value.AddTicks(-(value.Ticks % TimeSpan.TicksPerMicrosecond));

    public static object ToParameter(DateTimeOffset value, bool postgres) =>
        postgres ? Round(value).UtcDateTime : value.UtcDateTime.ToString(Sortable, CultureInfo.InvariantCulture);

    public override void SetValue(IDbDataParameter parameter, DateTimeOffset value)
    {
        var postgres = parameter is NpgsqlParameter;
        parameter.DbType = postgres ? DbType.DateTime : DbType.String;
        parameter.Value = ToParameter(value, postgres);
    }

    public override DateTimeOffset Parse(object value) => value switch
    {
        DateTime time => new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)),
        string text => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
        _ => throw new DataException($"not a timestamp: {value.GetType()}"),
    };
}
