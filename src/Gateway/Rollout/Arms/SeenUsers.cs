namespace Gateway.Rollout.Arms;

/// <summary>
/// Who was seen before, in a fixed memory of a megabit. Two users that share a place count as one, which takes from both arms in proportion
/// and so says nothing about their shares.
/// </summary>
internal sealed class SeenUsers
{
    private const int PlaceBits = 20;

    private readonly ulong[] _words = new ulong[(1 << PlaceBits) / 64];

    /// <returns>Whether it is the first time.</returns>
    public bool TryAdd(ulong user)
    {
        var place = (user * 0xD6E8FEB86659FD93) >> (64 - PlaceBits);
        ref var word = ref _words[place / 64];
        var bit = 1UL << (int)(place % 64);
        if ((word & bit) != 0)
            return false;
        word |= bit;
        return true;
    }

    public void Clear() => Array.Clear(_words);
}
