using ServiceDefaults.Options;

namespace Gateway.Rollout.Overrides;

/// <summary>Of <c>Rollout</c>, what signs a tester's override. Without a key there are none.</summary>
internal sealed class OverrideOptions
{
    public const string Section = "Rollout";

    private const int ShortestKey = 32; // As long as the hash's output: RFC 2104 section 3.

    private const string Expected = "at least 32 bytes, in hexadecimal or base64";

    /// <summary>The key itself, in hexadecimal or base64.</summary>
    public string? OverrideKey { get; set; }

    /// <summary>A file that holds it, read at start.</summary>
    public string? OverrideKeyFile { get; set; }

    /// <returns>Null without one.</returns>
    public byte[]? ReadKey() => (OverrideKey ?? (OverrideKeyFile is null ? null : File.ReadAllText(OverrideKeyFile))) is { } text
        ? Decode(text.Trim()) : null;

    public static void Check(OverrideOptions o, OptionFaults faults)
    {
        var key = o.OverrideKeyFile is null ? nameof(OverrideKey) : nameof(OverrideKeyFile);
        if (o is { OverrideKey: not null, OverrideKeyFile: not null })
        {
            faults.Require(false, key, o.OverrideKeyFile, "only one of OverrideKey and OverrideKeyFile");
            return;
        }

        try
        {
            if (o.ReadKey() is { } bytes)
                faults.Require(bytes.Length >= ShortestKey, key, $"({bytes.Length} bytes)", Expected);
        }
        catch (FormatException)
        {
            faults.Require(false, key, "(hidden)", Expected);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            faults.Require(false, key, o.OverrideKeyFile ?? "(hidden)", $"a file that can be read: {error.Message}");
        }
    }

    /// <summary>What has nothing but hexadecimal digits is no base64, so that both sides read it alike.</summary>
    private static byte[] Decode(string text) =>
        text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit) ? Convert.FromHexString(text) : Convert.FromBase64String(text);
}
