using Gateway.Identity.Jwt;
using ServiceDefaults.Options;

namespace Gateway.Identity;

internal static class IdentityExtensions
{
    public static IServiceCollection AddIdentity(this IServiceCollection services) => services
        .AddChecked<IdentityOptions>("Identity", IdentityOptions.Check)
        .AddChecked<JwtOptions>("Identity:Jwt", JwtOptions.Check)
        .AddSingleton<TrustedPeers>()
        .AddSingleton<JwksReader>().AddSingleton<TokenKeys>().AddSingleton<TokenVerifier>()
        .AddHostedService(services => services.GetRequiredService<TokenKeys>());

    public static IApplicationBuilder UseIdentity(this IApplicationBuilder app) => app.UseMiddleware<IdentityMiddleware>();
}
