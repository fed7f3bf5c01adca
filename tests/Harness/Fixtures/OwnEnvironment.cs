using System.Collections;

namespace Harness.Fixtures;

/// <summary>
/// The environment of whatever is started for a test, a drill, a benchmark or the demo: what a program needs to run at all, and nothing
/// that may be somebody's setting. A shell in which an operator types <c>./test</c> may have a database's address, an AI's key, a proxy or a
/// flag exported; neither our own process nor any that it starts sees them.
/// </summary>
public static class OwnEnvironment
{
    /// <summary>Names that stay, from the file <c>environment</c>; a star at the end stands for any rest.</summary>
    private static readonly string[] Kept = ReadKept();

    public static void Enter()
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (!Keeps((string)variable.Key))
                Environment.SetEnvironmentVariable((string)variable.Key, null);
        }

        // Who forgets to say which folder must not find the operator's config/ above the program.
        Environment.SetEnvironmentVariable("GATEWAY_CONFIG_DIR", Path.Combine(AppContext.BaseDirectory, "no-config-folder-was-named"));
    }

    public static bool Keeps(string name) => Kept.Any(kept =>
        kept.EndsWith('*') ? name.StartsWith(kept[..^1], StringComparison.Ordinal) : name.Equals(kept, StringComparison.Ordinal));

    private static string[] ReadKept()
    {
        using var list = new StreamReader(typeof(OwnEnvironment).Assembly.GetManifestResourceStream("environment")!);
        return list.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
