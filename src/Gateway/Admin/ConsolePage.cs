using System.Reflection;

namespace Gateway.Admin;

/// <summary>The operator's page: one embedded document that reads <c>/status</c> and <c>/explain</c>.</summary>
internal static class ConsolePage
{
    public static readonly string Html = Read();

    private static string Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Gateway.Admin.console.html")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
