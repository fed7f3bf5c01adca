using System.Text.RegularExpressions;
using ServiceDefaults.Options;

namespace CalendarService.Generation.Writers;

/// <summary>Keys under <c>Writer:OpenAI</c>.</summary>
internal sealed partial class OpenAIOptions
{
    public const string BaseUrlVariable = "OPENAI_BASE_URL";
    public const string ApiKeyVariable = "OPENAI_API_KEY";

    private const string DefaultBaseUrl = "https://api.openai.com/v1";

    /// <summary>The provider's own, unless given.</summary>
    public string BaseUrl { get; set; } = "";

    public string Model { get; set; } = "";

    /// <summary>Empty for a local server that asks for none.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>How often a call that gave no post yet is made again.</summary>
    public int Retries { get; set; } = 2;

    /// <summary>Before the first retry; doubles with each.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// After so many failed calls in a row, of all runs together, the endpoint is not asked for <see cref="CircuitBreak"/>.
    /// </summary>
    public int CircuitFailures { get; set; } = 6;

    /// <summary>Then one call tries; the endpoint is asked again if that one is answered.</summary>
    public TimeSpan CircuitBreak { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What is not given here comes from the environment, under the names that the provider's own programs read.</summary>
    public void TakeDefaults(IConfiguration environment)
    {
        BaseUrl = FirstGiven(BaseUrl, environment[BaseUrlVariable], DefaultBaseUrl);
        ApiKey = FirstGiven(ApiKey, environment[ApiKeyVariable], "");
    }

    /// <param name="used">Whether it is the writer that is asked.</param>
    public static void Check(OpenAIOptions o, bool used, OptionFaults faults)
    {
        var legalUrl = Uri.TryCreate(o.BaseUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";
        faults.Require(legalUrl, "OpenAI:BaseUrl", Shown(o.BaseUrl), "an absolute http or https address");
        faults.Within("OpenAI:Retries", o.Retries, 0, 5);
        faults.Within("OpenAI:RetryDelay", o.RetryDelay, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        faults.Within("OpenAI:CircuitFailures", o.CircuitFailures, 1, 1000);
        faults.Within("OpenAI:CircuitBreak", o.CircuitBreak, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10));
        if (!used)
            return;
        faults.Require(!string.IsNullOrWhiteSpace(o.Model), "OpenAI:Model", o.Model, "the name of a model that the endpoint serves");
        // Local servers take any key or none; the provider itself does not.
        faults.Require(
            o.ApiKey.Length > 0 || o.BaseUrl != DefaultBaseUrl, "OpenAI:ApiKey", "",
            "the provider's key (also as OPENAI_API_KEY), unless OpenAI:BaseUrl names another server");
        faults.Require(
            !o.ApiKey.Any(c => c is <= ' ' or > '~'), "OpenAI:ApiKey", "(not shown)", "printable ASCII without white space");
    }

    // It may be the key, in the wrong place, or hold a password that only a scheme before it gives away.
    private static string Shown(string address) =>
        address.Length == 0 || address.Contains("://", StringComparison.Ordinal) || Host().IsMatch(address) ? address : "(not shown)";

    [GeneratedRegex(
        @"^(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::\d{1,5})?(?:[/?#]|$)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Host();

    private static string FirstGiven(params ReadOnlySpan<string?> values)
    {
        foreach (var value in values)
        {
            if (!string.IsNullOrEmpty(value))
                return value;
        }

        return "";
    }
}
