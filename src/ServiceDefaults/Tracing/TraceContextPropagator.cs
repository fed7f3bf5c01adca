using System.Diagnostics;

namespace ServiceDefaults.Tracing;

/// <summary>
/// W3C Trace Context, read as the specification wants it read: the framework's own takes only version 00 of <c>traceparent</c>, writes
/// <c>baggage</c> anew with its properties as part of the value, and drops a <c>tracestate</c> with tabs in it. Baggage is nobody's here:
/// it passes through the gateway as an ordinary header, and goes no further than the service.
/// Source: https://www.w3.org/TR/trace-context-1/.
/// </summary>
/// <param name="traced">
/// Spans are made here. If not, what a request brings is somebody else's trace, and whoever forwards it leaves it as it is.
/// </param>
public sealed class TraceContextPropagator(bool traced) : DistributedContextPropagator
{
    private const string TraceParent = "traceparent";
    private const string TraceState = "tracestate";

    public bool Traced { get; } = traced;

    public override IReadOnlyCollection<string> Fields { get; } = [TraceParent, TraceState];

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        if (activity is not { IdFormat: ActivityIdFormat.W3C, Id: { } id } || setter is null)
            return;
        setter(carrier, TraceParent, id);
        if (activity.TraceStateString is { Length: > 0 } state)
            setter(carrier, TraceState, state);
    }

    public override void ExtractTraceIdAndState(
        object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState)
    {
        (traceId, traceState) = (null, null);
        if (getter is null)
            return;
        getter(carrier, TraceParent, out var parent, out _);
        if (parent is null || (traceId = TraceContext.ReadParent(parent)) is null)
            return;
        getter(carrier, TraceState, out var state, out _);
        traceState = state is null ? null : TraceContext.ReadState(state);
    }

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}
