using System.Text;
using ServiceDefaults.Endpoints;
using ServiceDefaults.Options;

namespace CalendarService.Admin;

/// <summary>Keys under <c>Admin</c>: what only operators are told. Without a key nobody is.</summary>
internal sealed class AdminOptions
{
    /// <summary>The bearer key itself.</summary>
    public string? Key { get; set; }

    /// <summary>A file that holds it, read at start.</summary>
    public string? KeyFile { get; set; }

    /// <summary>How long the database may read for one answer.</summary>
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <returns>Null without one.</returns>
    public string? ReadKey() => Key ?? (KeyFile is null ? null : File.ReadAllText(KeyFile).Trim());

    public static void Check(AdminOptions o, OptionFaults faults)
    {
        faults.Within(nameof(ReadTimeout), o.ReadTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(5));
        var name = o.KeyFile is null ? nameof(Key) : nameof(KeyFile);
        if (o is { Key: not null, KeyFile: not null })
        {
            faults.Require(false, name, o.KeyFile, "only one of Key and KeyFile");
            return;
        }

        try
        {
            if (o.ReadKey() is { } key)
                faults.Require(BearerKey.IsLegal(key), name, $"({Encoding.UTF8.GetByteCount(key)} bytes)", BearerKey.Expected);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            faults.Require(false, name, o.KeyFile ?? "(hidden)", $"a file that can be read: {error.Message}");
        }
    }
}
