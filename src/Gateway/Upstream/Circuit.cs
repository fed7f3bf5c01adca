using System.Runtime.InteropServices;

namespace Gateway.Upstream;

/// <summary>In the order of how bad it is; the numbers are those of <c>gateway_circuit_state</c>.</summary>
internal enum CircuitState
{
    Closed = 0,

    /// <summary>The break is over: a few requests at a time find out, whether or not anybody has asked yet.</summary>
    HalfOpen = 1,

    Open = 2,
}

/// <summary>What a request says of whoever it was sent to.</summary>
internal enum Verdict
{
    /// <summary>The client left, or its own body failed, or something else failed first: no evidence.</summary>
    Nothing,

    Good,
    Bad,
}

/// <summary>The right to send one request, to be given back with a verdict. The default one counts nothing.</summary>
/// <param name="Period">The circuit's at that time: what was sent before its state changed says nothing about it now.</param>
/// <param name="StartedAt">Of a trial, by the clock's timestamp.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CircuitPass(long Period, long StartedAt);

/// <summary>
/// Leaves alone for a while what keeps failing, then lets a few trials through at once. The first trial that is answered closes it, the
/// first that fails opens it again. A trial that hangs keeps its place for <c>TrialPatience</c> only, so that the next may try; one whose
/// client leaves gives it back. Not Polly's: that one has one trial without a bound, and takes one that nobody waited for as a success.
/// </summary>
/// <param name="changed">Told each new state, and the last failure's words.</param>
internal sealed class Circuit(CircuitOptions options, TimeProvider clock, Action<CircuitState, string> changed)
{
    private const int Slots = 10;

    private readonly Lock _lock = new();
    private readonly int[] _good = new int[Slots];
    private readonly int[] _bad = new int[Slots];
    private readonly List<long> _trials = [];
    private readonly long _slotTime = Math.Max(1, (long)(clock.TimestampFrequency * options.SamplingDuration.TotalSeconds / Slots));
    private volatile CircuitState _state;
    private long _period = 1;
    private long _changedAt;
    private long _slot;

    public CircuitState State => _state switch
    {
        CircuitState.Closed => CircuitState.Closed,
        CircuitState.Open when IsBreaking => CircuitState.Open,
        CircuitState.Open or CircuitState.HalfOpen => CircuitState.HalfOpen,
        var unknown => throw new InvalidOperationException($"No such state of a circuit: {unknown}"),
    };

    /// <summary>A request would not be let through now.</summary>
    public bool Blocks
    {
        get
        {
            if (_state == CircuitState.Closed)
                return false;
            lock (_lock)
                return _state == CircuitState.Open ? IsBreaking : _state == CircuitState.HalfOpen && !HasRoomForTrial();
        }
    }

    /// <summary>When it closed after having been open, by the clock's timestamp; null when it never was, or is not closed.</summary>
    public long? ClosedAgainAt => _state == CircuitState.Closed && Volatile.Read(ref _changedAt) is var at and > 0 ? at : null;

    public bool TryEnter(out CircuitPass pass)
    {
        // Nearly always. In this order: a pass of a period that is over by now counts for nothing.
        var period = Volatile.Read(ref _period);
        if (_state == CircuitState.Closed)
        {
            pass = new(period, StartedAt: 0);
            return true;
        }

        lock (_lock)
        {
            if (_state == CircuitState.Open && !IsBreaking)
                Move(CircuitState.HalfOpen, "");
            pass = default;
            if (_state == CircuitState.Open || (_state == CircuitState.HalfOpen && !HasRoomForTrial()))
                return false;
            pass = new(_period, clock.GetTimestamp());
            if (_state == CircuitState.HalfOpen)
                _trials.Add(pass.StartedAt);
            return true;
        }
    }

    /// <param name="failure">Words for a bad verdict.</param>
    public void Leave(CircuitPass pass, Verdict verdict, string failure = "")
    {
        // Nearly always: one more good answer never opens anything. Where its slot begins, that is done below.
        if (verdict == Verdict.Good && _state == CircuitState.Closed && pass.Period == Volatile.Read(ref _period)
            && CurrentSlot is var slot && slot == Volatile.Read(ref _slot))
        {
            Interlocked.Increment(ref _good[slot % Slots]);
            return;
        }

        lock (_lock)
        {
            if (pass.Period != _period)
                return;
            if (_state == CircuitState.HalfOpen)
                EndTrial(pass, verdict, failure);
            else if (verdict != Verdict.Nothing && Count(verdict))
                Move(CircuitState.Open, failure);
        }
    }

    private long CurrentSlot => clock.GetTimestamp() / _slotTime;

    private bool IsBreaking => clock.GetElapsedTime(Volatile.Read(ref _changedAt)) < options.BreakDuration;

    private bool HasRoomForTrial()
    {
        _trials.RemoveAll(started => clock.GetElapsedTime(started) >= options.TrialPatience);
        return _trials.Count < options.Trials;
    }

    private void EndTrial(CircuitPass pass, Verdict verdict, string failure)
    {
        _trials.Remove(pass.StartedAt);
        if (verdict != Verdict.Nothing)
            Move(verdict == Verdict.Good ? CircuitState.Closed : CircuitState.Open, failure);
    }

    /// <summary>Counts a request within the sampling time; true when that is one failure too many.</summary>
    private bool Count(Verdict verdict)
    {
        var now = CurrentSlot;
        for (var passed = Math.Max(_slot + 1, now - Slots + 1); passed <= now; passed++)
            _good[passed % Slots] = _bad[passed % Slots] = 0;
        Volatile.Write(ref _slot, now);
        Interlocked.Increment(ref (verdict == Verdict.Good ? _good : _bad)[now % Slots]);
        if (verdict == Verdict.Good)
            return false;
        var (good, bad) = (_good.Sum(), _bad.Sum());
        return good + bad >= options.MinimumThroughput && bad >= options.FailureRatio * (good + bad);
    }

    private void Move(CircuitState to, string failure)
    {
        _trials.Clear();
        Array.Clear(_good);
        Array.Clear(_bad);
        Volatile.Write(ref _changedAt, clock.GetTimestamp());
        _state = to;
        Volatile.Write(ref _period, _period + 1); // After the state: nobody gets a pass of this period who saw the last one's.
        changed(to, failure);
    }
}

/// <summary>Nothing is sent: whoever would be asked is left alone for now.</summary>
internal sealed class CircuitOpenException() : Exception("The circuit is open.");
