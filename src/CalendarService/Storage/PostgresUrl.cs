using System.Globalization;
using Npgsql;

namespace CalendarService.Storage;

/// <summary>
/// libpq's URL form, <c>postgresql://user:password@host:port/database?sslmode=require</c>. Read by hand because passwords
/// get pasted in with <c>@</c>, <c>#</c> or <c>/</c> left as they are, which <see cref="Uri"/> refuses or cuts.
/// </summary>
internal static class PostgresUrl
{
    private static readonly string[] Schemes = ["postgres://", "postgresql://"];

    public static bool IsUrl(string text) =>
        Schemes.Any(scheme => text.TrimStart().StartsWith(scheme, StringComparison.OrdinalIgnoreCase));

    /// <exception cref="FormatException">The message names the part at fault and never repeats it.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string text)
    {
        text = text.Trim();
        var rest = text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var builder = new NpgsqlConnectionStringBuilder();

        var at = rest.LastIndexOf('@');
        if (at >= 0)
        {
            var user = rest[..at];
            var colon = user.IndexOf(':');
            builder.Username = Uri.UnescapeDataString(colon < 0 ? user : user[..colon]);
            if (colon >= 0)
                builder.Password = Uri.UnescapeDataString(user[(colon + 1)..]);
            rest = rest[(at + 1)..];
        }

        var question = rest.IndexOf('?');
        var query = question < 0 ? "" : rest[(question + 1)..];
        if (question >= 0)
            rest = rest[..question];

        var slash = rest.IndexOf('/');
        if (slash >= 0 && slash + 1 < rest.Length)
            builder.Database = Uri.UnescapeDataString(rest[(slash + 1)..]);
        ReadHost(builder, slash < 0 ? rest : rest[..slash]);
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
            ReadParameter(builder, pair);
        return builder;
    }

    private static void ReadHost(NpgsqlConnectionStringBuilder builder, string host)
    {
        var colon = host.EndsWith(']') ? -1 : host.LastIndexOf(':');
        if (colon >= 0)
        {
            if (!ushort.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
                throw new FormatException("the port of the URL is not a number from 1 to 65535");
            builder.Port = port;
            host = host[..colon];
        }

        if (host.Length == 0)
            throw new FormatException("the URL has no host");
        builder.Host = Uri.UnescapeDataString(host.Trim('[', ']'));
    }

    private static void ReadParameter(NpgsqlConnectionStringBuilder builder, string pair)
    {
        var equals = pair.IndexOf('=');
        var name = (equals < 0 ? pair : pair[..equals]).ToLowerInvariant();
        var value = equals < 0 ? "" : Uri.UnescapeDataString(pair[(equals + 1)..]);
        switch (name)
        {
            case "sslmode":
                builder.SslMode = Ssl(value);
                break;
            case "sslrootcert":
                builder.RootCertificate = value;
                break;
            case "application_name":
                builder.ApplicationName = value;
                break;
            case "connect_timeout":
                if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds is 0 or > 1024)
                    throw new FormatException("connect_timeout of the URL is not a number of seconds from 1 to 1024");
                builder.Timeout = seconds;
                break;
            // Others are hints to other clients, such as Prisma's pgbouncer=true.
        }
    }

    private static SslMode Ssl(string value) => value.ToLowerInvariant() switch
    {
        "disable" => SslMode.Disable,
        "allow" => SslMode.Allow,
        "prefer" => SslMode.Prefer,
        "require" => SslMode.Require,
        "verify-ca" => SslMode.VerifyCA,
        "verify-full" => SslMode.VerifyFull,
        _ => throw new FormatException(
            "sslmode of the URL is not one of disable, allow, prefer, require, verify-ca, verify-full"),
    };
}
