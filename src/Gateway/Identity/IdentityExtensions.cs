using Gateway.Identity.Jwt;
using ServiceDefaults.Options;

namespace Gateway.Identity;

internal static class IdentityExtensions
{
    public static IServiceCollection AddIdentity(this IServiceCollection services) => services
        .AddChecked<IdentityOptions>("Identity", IdentityOptions.Check)
        .AddSingleton<TrustedPeers>()
        .AddBearerTokens();

    public static IApplicationBuilder UseIdentity(this IApplicationBuilder app) => app.UseMiddleware<IdentityMiddleware>();
}
