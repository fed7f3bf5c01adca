using System.Globalization;
using System.Net;
using Npgsql;

namespace CalendarService.Storage;

/// <summary>
/// One host or several. What cannot be a host is refused before anybody looks it up: it is mostly a password whose <c>@</c> went wrong, and
/// whoever fails to find a host says its name.
/// </summary>
internal static class PostgresHosts
{
    public const string NoHost =
        "the host is neither a name, nor an address, nor the folder of a socket; in a URL it follows a plain @, not %40";

    private const int LongestName = 253;

    /// <param name="hosts">With commas, as in libpq's <c>host</c>.</param>
    /// <param name="ports">None, one for all, or one for each; an empty one is the default.</param>
    /// <exception cref="FormatException">The message names the part.</exception>
    public static void Set(NpgsqlConnectionStringBuilder builder, string hosts, string ports)
    {
        var names = hosts.Split(',').Select(host => Unbracket(host.Trim())).ToArray();
        var numbers = ports.Split(',').Select(Port).ToArray();
        if (names.Any(name => name.Length == 0))
            throw new FormatException("the host is missing");
        if (!names.All(IsHost))
            throw new FormatException(NoHost);
        if (numbers.Length != 1 && numbers.Length != names.Length)
            throw new FormatException("port has to be one for all hosts, or one for each");
        builder.Port = numbers[0];
        builder.Host = names.Length == 1 ? names[0] : string.Join(',', names.Select((name, i) => string.Create(
            CultureInfo.InvariantCulture, $"{(name.Contains(':') ? $"[{name}]" : name)}:{numbers[numbers.Length == 1 ? 0 : i]}")));
    }

    /// <summary>Host and port, the latter empty when there is none.</summary>
    /// <param name="item">As in a URL; an IPv6 address with a port is in brackets.</param>
    public static (string Host, string Port) Split(string item)
    {
        var colon = item.LastIndexOf(':');
        var isWhole = colon < 0 || item.EndsWith(']') || item.StartsWith('/') || (item[0] != '[' && IPAddress.TryParse(item, out _));
        return isWhole ? (item, "") : (item[..colon], item[(colon + 1)..]);
    }

    public static bool IsHost(string host) =>
        host.StartsWith('/') ? !host.Contains('=') // Else another form's parameters follow.
        : host.Contains(':') ? IPAddress.TryParse(host, out _) && host[0] != '['
        : host.Length is > 0 and <= LongestName && host.All(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_');

    public static bool IsPort(string port) =>
        ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number != 0;

    public static string Unbracket(string host) => host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;

    private static int Port(string port) => port.Trim() is not { Length: > 0 } text ? NpgsqlConnection.DefaultPort
        : IsPort(text) ? int.Parse(text, CultureInfo.InvariantCulture)
        : throw new FormatException("the port is not a number from 1 to 65535");
}
