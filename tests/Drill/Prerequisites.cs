namespace Drill;

/// <summary>The drill installs nothing; it says what is missing.</summary>
internal static class Prerequisites
{
    private static readonly (string Program, string Package)[] Needed =
    [
        ("/usr/bin/prometheus", "prometheus"),
        ("/usr/bin/promtool", "prometheus"),
        ("/usr/bin/prometheus-alertmanager", "prometheus-alertmanager"),
        ("/usr/bin/amtool", "prometheus-alertmanager"),
        ("/usr/lib/postgresql/15/bin/initdb", "postgresql"),
    ];

    /// <exception cref="DrillException">Names every missing package.</exception>
    public static void Check()
    {
        var missing = Needed.Where(needed => !File.Exists(needed.Program)).ToList();
        if (missing.Count == 0)
            return;
        throw new DrillException(
            $"Missing: {string.Join(", ", missing.Select(m => m.Program))}.\n"
            + $"Install them: apt-get install --no-install-recommends {string.Join(' ', missing.Select(m => m.Package).Distinct())}\n"
            + "The drill starts its own on free ports; Debian's services need not run.");
    }
}
