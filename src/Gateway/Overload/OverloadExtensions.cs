using ServiceDefaults.Options;

namespace Gateway.Overload;

internal static class OverloadExtensions
{
    public static IServiceCollection AddOverload(this IServiceCollection services) => services
        .AddChecked<OverloadOptions>("Overload", OverloadOptions.Check)
        .AddSingleton<Admission>()
        .AddSingleton<PermitGauges>();
}
