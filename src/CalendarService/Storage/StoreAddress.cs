using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
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
    /// <summary>Which one of several hosts; null where there is no choice.</summary>
    public TargetSessionAttributes? Session { get; init; }

    /// <summary>Names of parameters that change nothing here.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    private IReadOnlyList<(string Text, string Name)> Hidden { get; init; } = [];

    /// <summary>What the setting may look like, for the message when it does not.</summary>
    public const string LegalRange =
        "a postgres:// or postgresql:// URL, libpq's or Npgsql's connection string, or \"Data Source=FILE\"";

    /// <param name="fault">Why not, without repeating the text, which may hold a password.</param>
    public static bool TryParse(
        string? text, string defaultFile, [NotNullWhen(true)] out StoreAddress? address, [NotNullWhen(false)] out string? fault)
    {
        (address, fault) = (null, null);
        try
        {
            address = string.IsNullOrWhiteSpace(text) ? Sqlite(defaultFile)
                : !PostgresUrl.IsUrl(text) && SqliteFile(text) is { } file ? Sqlite(file)
                : Postgres(PostgresSettings.Parse(text));
            return true;
        }
        catch (FormatException error)
        {
            fault = error.Message;
            return false;
        }
    }

    /// <exception cref="FormatException">It is not legal, which the check of the options said before.</exception>
    public static StoreAddress Parse(string? text, string defaultFile) =>
        TryParse(text, defaultFile, out var address, out var fault) ? address : throw new FormatException(fault);

    /// <summary>
    /// An error's text with the names of the address's parts in their place: a password that was written in the wrong part is not shown
    /// either.
    /// </summary>
    public string Redact(string text)
    {
        foreach (var (part, name) in Hidden.OrderByDescending(hidden => hidden.Text.Length))
            text = Regex.Replace(text, $@"(?<!\w){Regex.Escape(part)}(?!\w)", $"{{{name}}}");
        return text;
    }

    private static StoreAddress Sqlite(string file)
    {
        var path = Path.GetFullPath(file);
        return new(StoreKind.Sqlite, path, $"sqlite {path}");
    }

    private static StoreAddress Postgres(PostgresSettings settings)
    {
        var builder = settings.Given;
        // A transaction pooler (PgBouncer, Supabase's port 6543) hands every transaction another session:
        // nothing may be kept in one, and DISCARD ALL on return would not reach the one that was used.
        builder.NoResetOnClose = true;
        builder.MaxAutoPrepare = 0;
        builder.Multiplexing = false;
        builder.Enlist = false;
        builder.IncludeErrorDetail = false; // Row values would end up in logs.
        builder.PersistSecurityInfo = false; // The password would end up in every span.
        if (!builder.ShouldSerialize("Timeout"))
            builder.Timeout = 2;
        if (!builder.ShouldSerialize("Command Timeout"))
            builder.CommandTimeout = 10;
        if (!builder.ShouldSerialize("Host Recheck Seconds"))
            builder.HostRecheckSeconds = 1; // Of several hosts, one that was promoted is to be found at once.
        if (string.IsNullOrEmpty(builder.ApplicationName))
            builder.ApplicationName = "calendar-service";
        var session = SessionOf(builder);
        CheckTogether(builder);
        return new(StoreKind.Postgres, builder.ConnectionString, $"postgres {HostsOf(builder)}/{builder.Database}")
        {
            Session = session,
            Ignored = settings.Ignored,
            Hidden = [.. HiddenIn(builder)],
        };
    }

    private static string HostsOf(NpgsqlConnectionStringBuilder builder) =>
        builder.Host!.Contains(',') ? builder.Host : $"{builder.Host}:{builder.Port}";

    // Npgsql takes it apart from the connection string, and only where there is a choice. With one host the probe finds out by itself
    // whether it takes writes.
    private static TargetSessionAttributes? SessionOf(NpgsqlConnectionStringBuilder builder)
    {
        TargetSessionAttributes? session = builder.TargetSessionAttributes switch
        {
            null => null,
            "any" => TargetSessionAttributes.Any,
            "read-write" => TargetSessionAttributes.ReadWrite,
            "primary" => TargetSessionAttributes.Primary,
            "prefer-primary" => TargetSessionAttributes.PreferPrimary,
            _ => throw new FormatException("Target Session Attributes does not lead to a database that takes writes"),
        };
        builder.TargetSessionAttributes = null;
        return builder.Host!.Contains(',') ? session : null;
    }

    private static void CheckTogether(NpgsqlConnectionStringBuilder builder)
    {
        try
        {
            using var source = NpgsqlDataSource.Create(builder.ConnectionString); // Connects to nothing yet.
        }
        catch (Exception error) when (error is ArgumentException or FormatException or InvalidOperationException or NotSupportedException)
        {
            throw new FormatException("its parameters do not go together", error);
        }
    }

    private static IEnumerable<(string Text, string Name)> HiddenIn(NpgsqlConnectionStringBuilder builder)
    {
        (string? Text, string Name)[] parts =
        [
            (builder.Password, "password"), (builder.SslPassword, "sslpassword"), (builder.Host, "host"), (builder.Username, "user"),
            (builder.Database, "database"),
            .. builder.Host!.Split(',').Select(item => ((string?)PostgresHosts.Split(item).Host, "host")),
        ];
        return parts.Where(part => !string.IsNullOrEmpty(part.Text) && !System.Net.IPAddress.TryParse(part.Text, out _))
            .Select(part => (part.Text!, part.Name));
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
            if (file.Length == 0 || file == ":memory:" || file.Contains('=') || file.Contains("://", StringComparison.Ordinal))
                throw new FormatException("Data Source has to name a file");
            return file;
        }

        return null;
    }
}
