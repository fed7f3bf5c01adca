using System.Data.Common;
using System.Text.RegularExpressions;
using Npgsql;

namespace CalendarService.Storage;

/// <summary>Npgsql's own form, <c>Host=…;Database=…</c>, read name by name: its own message would not say which one is at fault.</summary>
internal static partial class NpgsqlText
{
    /// <exception cref="FormatException">The message names the part at fault, and shows none of its text.</exception>
    public static PostgresSettings Parse(string text)
    {
        var (builder, showsNames) = (new NpgsqlConnectionStringBuilder(), true);
        foreach (var (name, value) in Split(text))
        {
            if (!builder.ContainsKey(name))
            {
                throw new FormatException(showsNames && PlainName().IsMatch(name)
                    ? $"the connection string has no parameter {name}"
                    : "the connection string has a parameter that is not known; its name may be a piece of the password and is not shown");
            }

            try
            {
                builder[name] = value;
            }
            catch (Exception error) when (error is ArgumentException or FormatException or OverflowException or InvalidCastException)
            {
                throw new FormatException($"the value of {name} is not legal", error); // A known name.
            }

            showsNames &= !name.Contains("password", StringComparison.OrdinalIgnoreCase) && name is not ("psw" or "pwd");
        }

        CheckHosts(builder);
        return new(builder, []);
    }

    private static IEnumerable<KeyValuePair<string, string>> Split(string text)
    {
        var given = new DbConnectionStringBuilder();
        try
        {
            given.ConnectionString = text;
        }
        catch (ArgumentException error)
        {
            throw new FormatException(
                "it is not a connection string: a part is not Name=value; quote a value that holds ; or quotes", error);
        }

        return given.Keys.Cast<string>().Select(name => KeyValuePair.Create(name, (string)given[name]));
    }

    private static void CheckHosts(NpgsqlConnectionStringBuilder builder)
    {
        var hosts = (builder.Host ?? "").Split(',').Select(item => PostgresHosts.Split(item.Trim())).ToArray();
        if (hosts.Any(host => host.Host.Length == 0))
            throw new FormatException("the host is missing");
        if (!hosts.All(host => PostgresHosts.IsHost(PostgresHosts.Unbracket(host.Host))))
            throw new FormatException(PostgresHosts.NoHost);
        if (!hosts.All(host => host.Port.Length == 0 || PostgresHosts.IsPort(host.Port)) || builder.Port is < 1 or > ushort.MaxValue)
            throw new FormatException("the port is not a number from 1 to 65535");
    }

    // Without digits, which no name has and most passwords have.
    [GeneratedRegex("^[A-Za-z][A-Za-z _]{0,39}$")]
    private static partial Regex PlainName();
}
