using System.Security.Cryptography;
using Microsoft.Extensions.ObjectPool;

namespace Gateway.Identity.Jwt;

/// <summary>
/// A key and the algorithms that it was made for. A token never chooses: HS256 needs a shared secret, so a public key
/// that anybody can read is never a secret here, whatever the token says.
/// </summary>
internal abstract class VerificationKey(string? keyId)
{
    public string? KeyId { get; } = keyId;

    public abstract bool Allows(string algorithm);

    /// <param name="algorithm">One that the key allows.</param>
    public abstract bool Verifies(string algorithm, ReadOnlySpan<byte> input, ReadOnlySpan<byte> signature);
}

internal sealed class SecretKey(byte[] secret) : VerificationKey(null)
{
    public override bool Allows(string algorithm) => algorithm == "HS256";

    public override bool Verifies(string algorithm, ReadOnlySpan<byte> input, ReadOnlySpan<byte> signature)
    {
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, input, expected);
        return CryptographicOperations.FixedTimeEquals(expected, signature);
    }
}

/// <summary>RS256 and PS256, or the one that the JWK's <c>alg</c> names.</summary>
internal sealed class RsaKey : VerificationKey
{
    private readonly string? _algorithm;
    private readonly ObjectPool<RSA> _pool;

    /// <exception cref="CryptographicException">The numbers are no key.</exception>
    public RsaKey(string? keyId, string? algorithm, RSAParameters key)
        : base(keyId)
    {
        _algorithm = algorithm;
        _pool = KeyPool.Of(() => RSA.Create(key));
    }

    public override bool Allows(string algorithm) =>
        _algorithm is null ? algorithm is "RS256" or "PS256" : algorithm == _algorithm;

    public override bool Verifies(string algorithm, ReadOnlySpan<byte> input, ReadOnlySpan<byte> signature)
    {
        var rsa = _pool.Get();
        try
        {
            var padding = algorithm == "PS256" ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;
            return rsa.VerifyData(input, signature, HashAlgorithmName.SHA256, padding);
        }
        finally
        {
            _pool.Return(rsa);
        }
    }
}

/// <summary>ES256 with P-256 and ES384 with P-384: the curve is the algorithm.</summary>
internal sealed class EllipticKey : VerificationKey
{
    private readonly ObjectPool<ECDsa> _pool;
    private readonly string _algorithm;
    private readonly int _signatureLength;

    /// <exception cref="CryptographicException">The point is not on the curve.</exception>
    public EllipticKey(string? keyId, string algorithm, ECParameters key)
        : base(keyId)
    {
        _algorithm = algorithm;
        _signatureLength = 2 * key.Q.X!.Length;
        _pool = KeyPool.Of(() => ECDsa.Create(key));
    }

    public override bool Allows(string algorithm) => algorithm == _algorithm;

    public override bool Verifies(string algorithm, ReadOnlySpan<byte> input, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != _signatureLength)
            return false;
        var ecdsa = _pool.Get();
        try
        {
            var hash = algorithm == "ES384" ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256;
            return ecdsa.VerifyData(input, signature, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        finally
        {
            _pool.Return(ecdsa);
        }
    }
}

/// <summary>The framework's asymmetric keys promise nothing about two threads at once: each verification takes one of its own.</summary>
internal static class KeyPool
{
    public static ObjectPool<T> Of<T>(Func<T> create)
        where T : class
    {
        var pool = new DefaultObjectPool<T>(new Policy<T>(create));
        pool.Return(create()); // A key that cannot be created fails here and not in a request.
        return pool;
    }

    private sealed class Policy<T>(Func<T> create) : PooledObjectPolicy<T>
        where T : class
    {
        public override T Create() => create();

        public override bool Return(T obj) => true;
    }
}
