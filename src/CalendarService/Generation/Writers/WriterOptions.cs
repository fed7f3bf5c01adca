using System.Globalization;

namespace CalendarService.Generation.Writers;

internal enum WriterKind
{
    BuiltIn,
    OpenAI,
}

/// <summary>Settings under <c>Writer</c>. Read by hand, so that every fault is told at once, with key, value and legal range.</summary>
internal sealed class WriterOptions
{
    public const string Section = "Writer";

    private const string DefaultBaseUrl = "https://api.openai.com/v1";
    private static readonly TimeSpan MaxPace = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MinCircuitBreak = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxCircuitBreak = TimeSpan.FromMinutes(10);

    public WriterKind Kind { get; private set; }

    /// <summary>Between two posts of the built-in writer; raise it to watch a stream.</summary>
    public TimeSpan Pace { get; private set; } = TimeSpan.FromMilliseconds(5);

    public OpenAIOptions OpenAI { get; } = new();

    public List<string> Faults { get; } = [];

    public void Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        if (section["Kind"] is { Length: > 0 } kind)
            Kind = ReadKind(kind);
        Pace = ReadTime(section, "BuiltIn:Pace", Pace, TimeSpan.Zero, MaxPace);
        ReadOpenAI(section, configuration);
    }

    private WriterKind ReadKind(string value)
    {
        // By name: TryParse alone would take "7" and "BuiltIn,OpenAI" for a kind.
        if (Enum.GetNames<WriterKind>().Contains(value, StringComparer.OrdinalIgnoreCase))
            return Enum.Parse<WriterKind>(value, ignoreCase: true);
        Fault("Kind", value, string.Join(" or ", Enum.GetNames<WriterKind>()));
        return WriterKind.BuiltIn;
    }

    private void ReadOpenAI(IConfigurationSection section, IConfiguration environment)
    {
        var given = First(section["OpenAI:BaseUrl"], environment["OPENAI_BASE_URL"]);
        if (Uri.TryCreate(given ?? DefaultBaseUrl, UriKind.Absolute, out var url) && (url.Scheme is "http" or "https"))
            OpenAI.BaseUrl = url;
        else
            Fault("OpenAI:BaseUrl", given, "an absolute http or https address");

        OpenAI.Retries = ReadNumber(section, "OpenAI:Retries", OpenAI.Retries, 0, 5);
        OpenAI.RetryDelay = ReadTime(section, "OpenAI:RetryDelay", OpenAI.RetryDelay, TimeSpan.Zero, MaxRetryDelay);
        OpenAI.CircuitFailures = ReadNumber(section, "OpenAI:CircuitFailures", OpenAI.CircuitFailures, 1, 1000);
        OpenAI.CircuitBreak = ReadTime(section, "OpenAI:CircuitBreak", OpenAI.CircuitBreak, MinCircuitBreak, MaxCircuitBreak);
        OpenAI.Model = section["OpenAI:Model"] ?? "";
        OpenAI.ApiKey = First(section["OpenAI:ApiKey"], environment["OPENAI_API_KEY"]) ?? "";
        if (Kind is not WriterKind.OpenAI)
            return;

        if (string.IsNullOrWhiteSpace(OpenAI.Model))
            Fault("OpenAI:Model", OpenAI.Model, "the name of a model that the endpoint serves");
        // Local servers take any key or none; the provider itself does not.
        if (OpenAI.ApiKey.Length == 0 && given is null)
            Fault("OpenAI:ApiKey", "", "the provider's key (also as OPENAI_API_KEY), unless OpenAI:BaseUrl names another server");
        if (OpenAI.ApiKey.Any(c => c is <= ' ' or > '~'))
            Faults.Add($"{Section}:OpenAI:ApiKey: (not shown); legal: printable ASCII without white space");
    }

    private int ReadNumber(IConfigurationSection section, string key, int fallback, int min, int max)
    {
        if (section[key] is not { Length: > 0 } value)
            return fallback;
        if (int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
            return number;
        Fault(key, value, $"{min} to {max}");
        return fallback;
    }

    private TimeSpan ReadTime(IConfigurationSection section, string key, TimeSpan fallback, TimeSpan min, TimeSpan max)
    {
        if (section[key] is not { Length: > 0 } value)
            return fallback;
        if (TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out var time) && time >= min && time <= max)
            return time;
        Fault(key, value, $"{min} to {max}");
        return fallback;
    }

    private void Fault(string key, string? value, string legal) =>
        Faults.Add($"{Section}:{key}: \"{value}\"; legal: {legal}");

    private static string? First(string? value, string? fallback) =>
        !string.IsNullOrEmpty(value) ? value : !string.IsNullOrEmpty(fallback) ? fallback : null;
}

internal sealed class OpenAIOptions
{
    public Uri BaseUrl { get; set; } = null!;

    public string Model { get; set; } = "";

    /// <summary>Empty for a local server that asks for none.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>How often a call that gave no post yet is made again.</summary>
    public int Retries { get; set; } = 2;

    /// <summary>Before the first retry; doubles with each.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>After so many failed calls in a row, of all runs together, the endpoint is not asked for <see cref="CircuitBreak"/>.</summary>
    public int CircuitFailures { get; set; } = 6;

    /// <summary>Then one call tries; the endpoint is asked again if that one is answered.</summary>
    public TimeSpan CircuitBreak { get; set; } = TimeSpan.FromSeconds(30);
}
