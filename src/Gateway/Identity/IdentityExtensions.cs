namespace Gateway.Identity;

internal static class IdentityExtensions
{
    public static IServiceCollection AddIdentity(this IServiceCollection services) => services.AddSingleton<TrustedPeers>();
}
