using Microsoft.Extensions.Options;
using Polly;
using Polly.Extensions.Http;
using ServiceDefaults.Options;

namespace Gateway.Identity.Jwt;

internal static class JwtExtensions
{
    public static IServiceCollection AddBearerTokens(this IServiceCollection services)
    {
        services.AddHttpClient(JwksReader.HttpClient)
            .UseSocketsHttpHandler(static (handler, services) =>
            {
                handler.AllowAutoRedirect = false; // Who may say what our keys are is configuration, not a Location header.
                handler.UseCookies = false;
                handler.ConnectTimeout = services.GetRequiredService<IOptions<JwtOptions>>().Value.JwksTimeout;
            })
            // Requests wait for a fetch that their key id needs, and take its failure for an answer: one broken connection
            // must not become their 401. A source that stays away is the worker's, which goes on for as long as it takes.
            .AddPolicyHandler(HttpPolicyExtensions.HandleTransientHttpError()
                .WaitAndRetryAsync(1, static _ => TimeSpan.FromMilliseconds(100)))
            .RemoveAllLoggers(); // A look every few minutes is no news; a fetch that fails is one line of TokenKeys.
        return services
            .AddChecked<JwtOptions>("Identity:Jwt", JwtOptions.Check)
            .AddSingleton<JwksReader>().AddSingleton<TokenKeys>().AddSingleton<TokenVerifier>()
            .AddHostedService(services => services.GetRequiredService<TokenKeys>());
    }
}
