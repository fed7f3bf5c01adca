namespace Gateway.Overload;

internal static class OverloadExtensions
{
    public static IServiceCollection AddOverload(this IServiceCollection services) => services.AddSingleton<Admission>();
}
