using Microsoft.AspNetCore.Http.Features;

namespace ServiceDefaults.Logging;

public static class FeatureCollectionExtensions
{
    /// <exception cref="InvalidOperationException">The middleware that sets the feature stands later in the pipeline.</exception>
    public static T GetRequired<T>(this IFeatureCollection features)
        where T : class =>
        features.Get<T>() ?? throw new InvalidOperationException($"{typeof(T).Name} is not set on this request");
}
