using System.Text.RegularExpressions;
using Gateway.Configuration;
using Microsoft.AspNetCore.Cors.Infrastructure;
using ServiceDefaults.Options;
using static Gateway.Configuration.JsonShape;

namespace Gateway.Routing;

/// <summary><c>Cors</c> of <c>gateway.json</c>: named policies that a route's <c>CorsPolicy</c> refers to.</summary>
internal static partial class CorsPolicies
{
    private const string Any = "*";
    private const string OriginPattern = @"[a-z][a-z0-9+.-]*://(\*\.)?([\w-]+(\.[\w-]+)*|\[[0-9a-f:]+\])(:[0-9]{1,5})?";

    private static readonly JsonShape Origin = TextThat(
        "an origin as a browser sends it: https://shop.example, https://*.shop.example or *, without a path or a slash at its end",
        text => text == Any || (OriginForm().IsMatch(text) && Spellings.HasPort(text[(text.LastIndexOf('/') + 1)..])),
        $@"^(\*|{OriginPattern})$");

    private static readonly JsonShape Token = TextThat("a name, or *", Spellings.IsToken, Spellings.TokenPattern);

    private static readonly JsonShape Policy = Object(
        ("Origins", List(Origin).NotEmpty("at least one origin, or *").As("Whose pages may ask; * for all, and then no Credentials.")),
        ("Methods", List(Token).As("Without it: any.")), ("Headers", List(Token).As("Without it: any.")),
        ("ExposedHeaders", List(Token).As("What a page may read.")), ("Credentials", JsonShape.Boolean.As("Cookies and the like.")),
        ("MaxAge", Duration(TimeSpan.Zero, TimeSpan.FromDays(1)).As("How long a browser keeps the answer to a preflight.")))
        .Requiring("Origins");

    public static JsonShape Shape { get; } = Map(Policy).As("What pages from elsewhere may do, by name; a route's CorsPolicy names one.");

    public static Dictionary<string, CorsPolicy> Read(IConfigurationSection policies, FindingList findings)
    {
        var all = new Dictionary<string, CorsPolicy>(StringComparer.OrdinalIgnoreCase);
        foreach (var section in policies.GetChildren())
        {
            var origins = Texts(section, "Origins");
            var credentials = bool.TryParse(section["Credentials"], out var given) && given;
            if (credentials && origins.Contains(Any))
                findings.Error($"{section.Path}:Origins", Any, "the origins by name, because Credentials is true: browsers take no * then");
            else
                all[section.Key] = Build(section, origins, credentials);
        }

        return all;
    }

    private static CorsPolicy Build(IConfigurationSection section, string[] origins, bool credentials)
    {
        var policy = new CorsPolicyBuilder();
        _ = origins.Contains(Any) ? policy.AllowAnyOrigin() : policy.WithOrigins(origins).SetIsOriginAllowedToAllowWildcardSubdomains();
        // Whose pages may ask is the question; what they may ask is the backend's to say, unless the policy says it.
        var methods = Texts(section, "Methods");
        _ = methods.Length == 0 || methods.Contains(Any) ? policy.AllowAnyMethod() : policy.WithMethods(methods);
        var headers = Texts(section, "Headers");
        _ = headers.Length == 0 || headers.Contains(Any) ? policy.AllowAnyHeader() : policy.WithHeaders(headers);
        policy.WithExposedHeaders(Texts(section, "ExposedHeaders"));
        if (credentials)
            policy.AllowCredentials();
        if (Durations.TryParse(section["MaxAge"], out var age))
            policy.SetPreflightMaxAge(age);
        return policy.Build();
    }

    private static string[] Texts(IConfigurationSection section, string key) =>
        [.. section.GetSection(key).GetChildren().Select(item => item.Value ?? "")];

    [GeneratedRegex($@"\A{OriginPattern}\z")]
    private static partial Regex OriginForm();
}
