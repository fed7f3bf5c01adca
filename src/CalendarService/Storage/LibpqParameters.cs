using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace CalendarService.Storage;

/// <summary>
/// Connection parameters under the names that libpq's documentation has for them ("Parameter Key Words", Postgres 18). What has no
/// counterpart is refused by name and never skipped, unless leaving it out changes nothing.
/// </summary>
internal sealed partial class LibpqParameters
{
    private const int SystemKeepAlive = 7_200; // Seconds, on every Linux that nobody tuned.

    private static readonly (string Name, Action<NpgsqlConnectionStringBuilder, string> Set)[] Settings =
    [
        ("dbname", (b, v) => b.Database = v),
        ("user", (b, v) => b.Username = v),
        ("password", (b, v) => b.Password = v),
        ("passfile", (b, v) => b.Passfile = v),
        ("options", (b, v) => b.Options = v),
        ("fallback_application_name", (b, v) => b.ApplicationName = v),
        ("application_name", (b, v) => b.ApplicationName = v),
        ("connect_timeout", (b, v) => b.Timeout = Number("connect_timeout", v, 1, 1024)),
        ("ssl", (b, v) => b.SslMode = Word("ssl", v, ("true", SslMode.Require), ("false", SslMode.Disable))), // As JDBC writes it.
        ("sslmode", (b, v) => b.SslMode = Word(
            "sslmode", v, ("disable", SslMode.Disable), ("allow", SslMode.Allow), ("prefer", SslMode.Prefer), ("require", SslMode.Require),
            ("verify-ca", SslMode.VerifyCA), ("verify-full", SslMode.VerifyFull))),
        ("sslnegotiation", (b, v) => b.SslNegotiation = Word(
            "sslnegotiation", v, ("postgres", SslNegotiation.Postgres), ("direct", SslNegotiation.Direct))),
        ("sslrootcert", SetRootCertificate),
        ("sslcert", (b, v) => b.SslCertificate = v),
        ("sslkey", (b, v) => b.SslKey = v),
        ("sslpassword", (b, v) => b.SslPassword = v),
        ("channel_binding", (b, v) => b.ChannelBinding = Word(
            "channel_binding", v, ("disable", ChannelBinding.Disable), ("prefer", ChannelBinding.Prefer),
            ("require", ChannelBinding.Require))),
        ("require_auth", SetRequiredAuth),
        ("gssencmode", (b, v) => b.GssEncryptionMode = Word(
            "gssencmode", v, ("disable", GssEncryptionMode.Disable), ("prefer", GssEncryptionMode.Prefer),
            ("require", GssEncryptionMode.Require))),
        ("krbsrvname", (b, v) => b.KerberosServiceName = v),
        ("keepalives_idle", (b, v) => b.TcpKeepAliveTime = Number("keepalives_idle", v, 0, 86_400)),
        ("keepalives_interval", SetKeepAliveInterval),
        ("keepalives", SetKeepAlive), // After the two above, which it turns off.
        ("load_balance_hosts", (b, v) => b.LoadBalanceHosts = Word("load_balance_hosts", v, ("disable", false), ("random", true))),
        ("target_session_attrs", (b, v) => b.TargetSessionAttributes = Word(
            "target_session_attrs", v, ("any", "any"), ("read-write", "read-write"), ("primary", "primary"))),
        ("connection_limit", (b, v) => b.MaxPoolSize = Number("connection_limit", v, 1, 1024)), // Prisma's, as Supabase hands it out.
    ];

    /// <summary>Those that have the value which holds here anyway are as good as not there.</summary>
    private static readonly FrozenDictionary<string, string[]> Fixed = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["client_encoding"] = ["utf8", "utf-8", "unicode", "auto"],
        ["sslsni"] = ["1"],
        ["sslcertmode"] = ["allow"],
        ["gssdelegation"] = ["0"],
        ["ssl_min_protocol_version"] = ["tlsv1.2"],
        ["replication"] = ["false", "off", "no", "0"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>
    /// Advice to other clients' pools and statement caches, of which there is none here; and how long a dead connection goes unnoticed,
    /// which the probe finds out first.
    /// </summary>
    private static readonly FrozenSet<string> ChangeNothing = FrozenSet.Create(
        StringComparer.Ordinal,
        "pgbouncer", "pool_timeout", "statement_cache_size", "prepared_statements", "supa", "uselibpqcompat", "sslcompression",
        "keepalives_count", "tcp_user_timeout");

    /// <summary>Known to libpq and not to us; their names are no secret.</summary>
    private static readonly FrozenSet<string> Unsupported = FrozenSet.Create(
        StringComparer.Ordinal,
        "service", "servicefile", "sslcrl", "sslcrldir", "requiressl", "requirepeer", "gsslib", "ssl_max_protocol_version",
        "min_protocol_version", "max_protocol_version", "scram_client_key", "scram_server_key", "sslkeylogfile", "oauth_issuer",
        "oauth_client_id", "oauth_client_secret", "oauth_scope", "tty", "authtype");

    private static readonly FrozenSet<string> Known =
        [.. Settings.Select(setting => setting.Name), "host", "hostaddr", "port", .. Fixed.Keys, .. ChangeNothing, .. Unsupported];

    private readonly Dictionary<string, string> _given = new(StringComparer.Ordinal);

    /// <summary>Whether an unknown parameter's name may be shown: where it cannot be a piece of a password that was not escaped.</summary>
    public bool ShowsNames { get; set; } = true;

    public static bool IsKnown(string name) => Known.Contains(name);

    /// <summary>The last one of a name counts, as with libpq.</summary>
    /// <exception cref="FormatException">It is not a parameter that we could take.</exception>
    public void Set(string name, string value)
    {
        if (!IsKnown(name))
        {
            throw new FormatException(ShowsNames && PlainName().IsMatch(name)
                ? $"the parameter {name} is not known"
                : "a parameter is not known; its name is not shown, for it may be a piece of the password");
        }

        if (Unsupported.Contains(name))
            throw new FormatException($"the parameter {name} is not supported");
        if (Fixed.TryGetValue(name, out var only) && !only.Contains(value, StringComparer.OrdinalIgnoreCase))
            throw new FormatException($"{name} is supported only as {only[0]}");
        if (value.Contains('\0', StringComparison.Ordinal))
            throw new FormatException($"{name} contains the character 0");
        ShowsNames &= name is not ("password" or "sslpassword");
        _given[name] = value;
    }

    /// <exception cref="FormatException">The message names the part.</exception>
    public PostgresSettings ToSettings()
    {
        var builder = new NpgsqlConnectionStringBuilder();
        // An empty one is the default, with libpq too.
        foreach (var (name, set) in Settings)
        {
            if (_given.GetValueOrDefault(name) is { Length: > 0 } value)
                set(builder, value);
        }

        PostgresHosts.Set(builder, Hosts(builder), _given.GetValueOrDefault("port", ""));
        return new(builder, [.. _given.Keys.Where(ChangeNothing.Contains).Order(StringComparer.Ordinal)]);
    }

    // Where both are given, libpq connects to the address and holds the certificate to the name. Npgsql has one for both.
    private string Hosts(NpgsqlConnectionStringBuilder builder)
    {
        var (host, address) = (_given.GetValueOrDefault("host", ""), _given.GetValueOrDefault("hostaddr", ""));
        if (address.Length > 0 && host.Length > 0 && builder.SslMode == SslMode.VerifyFull)
            throw new FormatException("hostaddr beside host is not supported with sslmode=verify-full");
        return address.Length > 0 ? address : host;
    }

    private static void SetRootCertificate(NpgsqlConnectionStringBuilder builder, string value)
    {
        if (value != "system")
            builder.RootCertificate = value;
        else if (builder.ShouldSerialize("SSL Mode") && builder.SslMode != SslMode.VerifyFull)
            throw new FormatException("sslrootcert=system needs sslmode=verify-full"); // libpq's rule, too.
        else
            builder.SslMode = SslMode.VerifyFull;
    }

    private static void SetRequiredAuth(NpgsqlConnectionStringBuilder builder, string value)
    {
        var methods = value.Split(',').Select(method => method.Trim());
        builder.RequireAuth = string.Join(',', methods.Select(method => (method.StartsWith('!') ? "!" : "") + Word(
            "require_auth", method.TrimStart('!'), ("password", "Password"), ("md5", "MD5"), ("gss", "GSS"), ("sspi", "SSPI"),
            ("scram-sha-256", "ScramSHA256"), ("none", "None"))));
    }

    private static void SetKeepAliveInterval(NpgsqlConnectionStringBuilder builder, string value)
    {
        builder.TcpKeepAliveInterval = Number("keepalives_interval", value, 0, 86_400);
        if (builder.TcpKeepAliveInterval > 0 && builder.TcpKeepAliveTime == 0)
            builder.TcpKeepAliveTime = SystemKeepAlive; // Npgsql takes an interval only with it.
    }

    private static void SetKeepAlive(NpgsqlConnectionStringBuilder builder, string value)
    {
        builder.TcpKeepAlive = Number("keepalives", value, 0, 1) == 1;
        if (!builder.TcpKeepAlive)
            builder.TcpKeepAliveTime = builder.TcpKeepAliveInterval = 0;
    }

    private static int Number(string name, string value, int lowest, int highest) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= lowest && number <= highest
            ? number
            : throw new FormatException($"{name} is not a number from {lowest} to {highest}");

    private static T Word<T>(string name, string value, params (string Word, T Meaning)[] words)
    {
        foreach (var (word, meaning) in words)
        {
            if (word.Equals(value, StringComparison.OrdinalIgnoreCase))
                return meaning;
        }

        throw new FormatException($"{name} is not one of {string.Join(", ", words.Select(word => word.Word))}");
    }

    // Without digits, which no name has and most passwords have.
    [GeneratedRegex("^[A-Za-z][A-Za-z_.-]{0,39}$")]
    private static partial Regex PlainName();
}
