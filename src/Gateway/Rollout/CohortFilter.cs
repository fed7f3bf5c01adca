using Gateway.Exchanges;
using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;

namespace Gateway.Rollout;

/// <summary>The <c>Cohort</c> filter of <c>rollout.json</c>: accepts the callers of one entry of <c>Cohorts</c>.</summary>
[FilterAlias(Alias)]
internal sealed class CohortFilter(IReadOnlyDictionary<string, Cohort> cohorts, string environment)
    : IContextualFeatureFilter<Caller>, IFilterParametersBinder
{
    public const string Alias = "Cohort";

    public object BindParameters(IConfiguration parameters) => cohorts[parameters["Name"]!];

    public Task<bool> EvaluateAsync(FeatureFilterEvaluationContext featureFilterContext, Caller appContext) =>
        ((Cohort)featureFilterContext.Settings).Evaluate(appContext, environment).Accepted ? Yes : No;

    private static readonly Task<bool> Yes = Task.FromResult(true);
    private static readonly Task<bool> No = Task.FromResult(false);
}

/// <summary>
/// Microsoft.Targeting as documented, but for callers without an id: they all hash to one bucket and would
/// flip together, so they stay outside below 100 %.
/// </summary>
[FilterAlias(Alias)]
internal sealed class KnownCallerTargetingFilter(ContextualTargetingFilter inner)
    : IContextualFeatureFilter<Caller>, IFilterParametersBinder
{
    public const string Alias = "Microsoft.Targeting";

    public object BindParameters(IConfiguration parameters) => inner.BindParameters(parameters);

    public Task<bool> EvaluateAsync(FeatureFilterEvaluationContext featureFilterContext, Caller appContext)
    {
        if (appContext.UserId is not null)
            return inner.EvaluateAsync(featureFilterContext, appContext);
        var audience = ((TargetingFilterSettings)featureFilterContext.Settings).Audience;
        var everybody = audience.DefaultRolloutPercentage >= 100
            || audience.Groups?.Exists(g => g.RolloutPercentage >= 100 && appContext.Groups.Contains(g.Name)) == true;
        return everybody ? inner.EvaluateAsync(featureFilterContext, appContext) : Task.FromResult(false);
    }
}
