using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace CalendarService.Storage;

internal enum StoreKind
{
    Sqlite,
    Postgres,
}

/// <summary>Where the calendar database is, from <c>ConnectionStrings:Calendar</c>. Holds a password: never log it whole.</summary>
/// <param name="Description">Kind and host or file, safe to show.</param>
internal sealed record StoreAddress(StoreKind Kind, string ConnectionString, string Description)
{
    /// <summary>What the setting may look like, for the message when it does not.</summary>
    public const string LegalRange =
        "an Npgsql connection string, a postgres:// or postgresql:// URL, or \"Data Source=FILE\"";

    /// <param name="fault">Why not, without repeating the text, which may hold a password.</param>
    public static bool TryParse(
        string? text, string defaultFile, [NotNullWhen(true)] out StoreAddress? address, [NotNullWhen(false)] out string? fault)
    {
        (address, fault) = (null, null);
        try
        {
            address = string.IsNullOrWhiteSpace(text) ? Sqlite(defaultFile)
                : PostgresUrl.IsUrl(text) ? Postgres(PostgresUrl.Parse(text))
                : SqliteFile(text) is { } file ? Sqlite(file)
                : Postgres(new NpgsqlConnectionStringBuilder(text));
            return true;
        }
        catch (Exception error) when (error is ArgumentException or FormatException or KeyNotFoundException)
        {
            fault = error is FormatException ? error.Message : "it is not a connection string";
            return false;
        }
    }

    /// <exception cref="FormatException">It is not legal, which the check of the options said before.</exception>
    public static StoreAddress Parse(string? text, string defaultFile) =>
        TryParse(text, defaultFile, out var address, out var fault) ? address : throw new FormatException(fault);

    private static StoreAddress Sqlite(string file)
    {
        var path = Path.GetFullPath(file);
        return new(StoreKind.Sqlite, path, $"sqlite {path}");
    }

    private static StoreAddress Postgres(NpgsqlConnectionStringBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Host))
            throw new FormatException("the host is missing");

        // A transaction pooler (PgBouncer, Supabase's port 6543) hands every transaction another session:
        // nothing may be kept in one, and DISCARD ALL on return would not reach the one that was used.
        builder.NoResetOnClose = true;
        builder.MaxAutoPrepare = 0;
        builder.Multiplexing = false;
        builder.Enlist = false;
        builder.IncludeErrorDetail = false; // Row values would end up in logs.
        builder.PersistSecurityInfo = false; // The password would end up in every span.
        if (!builder.ContainsKey("Timeout") || builder.Timeout == 15)
            builder.Timeout = 2;
        if (builder.CommandTimeout == 30)
            builder.CommandTimeout = 10;
        if (string.IsNullOrEmpty(builder.ApplicationName))
            builder.ApplicationName = "calendar-service";
        return new(StoreKind.Postgres, builder.ConnectionString, $"postgres {builder.Host}:{builder.Port}/{builder.Database}");
    }

    private static string? SqliteFile(string text)
    {
        foreach (var part in text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=');
            var key = equals < 0 ? "" : part[..equals].Trim();
            if (!key.Equals("Data Source", StringComparison.OrdinalIgnoreCase)
                && !key.Equals("DataSource", StringComparison.OrdinalIgnoreCase)
                && !key.Equals("Filename", StringComparison.OrdinalIgnoreCase))
                continue;
            var file = part[(equals + 1)..].Trim().Trim('"');
            if (file.Length == 0 || file == ":memory:")
                throw new FormatException("Data Source has to name a file");
            return file;
        }

        return null;
    }
}
