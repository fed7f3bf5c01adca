using Npgsql;

namespace CalendarService.Storage;

/// <summary>An address of Postgres, read from any of its forms.</summary>
/// <param name="Given">What was said, and nothing else.</param>
/// <param name="Ignored">Names of parameters that other clients need and that change nothing here.</param>
internal sealed record PostgresSettings(NpgsqlConnectionStringBuilder Given, IReadOnlyList<string> Ignored)
{
    /// <summary>Reads a URL, libpq's <c>host=… dbname=…</c> or Npgsql's <c>Host=…;Database=…</c>.</summary>
    /// <exception cref="FormatException">The message names the part at fault, and shows none of its text.</exception>
    public static PostgresSettings Parse(string text)
    {
        if (PostgresUrl.IsUrl(text))
            return PostgresUrl.Parse(text);
        try
        {
            return NpgsqlText.Parse(text);
        }
        catch (FormatException fault)
        {
            try
            {
                return LibpqText.Parse(text);
            }
            catch (FormatException) when (!LibpqText.IsLikely(text))
            {
                throw new FormatException(fault.Message, fault);
            }
        }
    }
}
