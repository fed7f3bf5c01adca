namespace Gateway.Rollout.Arms;

/// <summary>
/// The users of one tick, each with the marks that its requests left. A request adds its marks without a lock and without allocating; the
/// memory is fixed, so a tick of more users than fit leaves some out, in both arms alike.
/// </summary>
internal sealed class TickUsers
{
    /// <summary>How many neighbours of its own seat a user may take; a table that is half full hardly ever needs as many.</summary>
    private const int MostProbes = 32;

    private readonly ulong[] _users;
    private readonly ulong[] _marks;
    private int _leftOut;

    /// <param name="seats">A power of two.</param>
    public TickUsers(int seats) => (_users, _marks) = (new ulong[seats], new ulong[seats]);

    public int Seats => _users.Length;

    /// <summary>How many requests found no seat for their user.</summary>
    public int LeftOut => Volatile.Read(ref _leftOut);

    /// <param name="user">Anything but 0.</param>
    public void Mark(ulong user, ulong marks)
    {
        var seat = (user * 0x9E3779B97F4A7C15) >> 32;
        for (var probe = 0; probe < MostProbes; probe++, seat++)
        {
            var i = (int)(seat & (ulong)(_users.Length - 1));
            var sitting = Volatile.Read(ref _users[i]);
            if (sitting == 0)
                sitting = Interlocked.CompareExchange(ref _users[i], user, 0) is var first and not 0 ? first : user;
            if (sitting != user)
                continue;
            // Most requests of a user repeat what is marked already, and need no write.
            if ((Volatile.Read(ref _marks[i]) & marks) != marks)
                Interlocked.Or(ref _marks[i], marks);
            return;
        }

        Interlocked.Increment(ref _leftOut);
    }

    /// <summary>Only while nobody marks any more.</summary>
    public IEnumerable<(ulong User, ulong Marks)> Read()
    {
        for (var i = 0; i < _users.Length; i++)
        {
            if (_users[i] != 0)
                yield return (_users[i], _marks[i]);
        }
    }

    /// <summary>Only while nobody marks any more.</summary>
    public void Clear()
    {
        Array.Clear(_users);
        Array.Clear(_marks);
        _leftOut = 0;
    }
}
