using Gateway.Identity.Jwt;

namespace Gateway.Identity;

internal static class IdentityExtensions
{
    public static IServiceCollection AddIdentity(this IServiceCollection services) => services
        .AddSingleton<TrustedPeers>()
        .AddSingleton<JwksReader>().AddSingleton<TokenKeys>().AddSingleton<TokenVerifier>()
        .AddHostedService(services => services.GetRequiredService<TokenKeys>());
}
