using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ServiceDefaults.Endpoints;

/// <summary>The key that a request has to show in <c>Authorization: Bearer</c>. Only its hash is kept.</summary>
public sealed class BearerKey(string key)
{
    /// <summary>What <see cref="IsLegal"/> asks for, in words.</summary>
    public static readonly string Expected = $"at least {Shortest} ASCII characters without blanks";

    private const int Shortest = 32;
    private const string Scheme = "Bearer ";

    private readonly byte[] _hash = Hash(key);

    /// <summary>Long enough not to be guessed, and nothing that a header could change on its way.</summary>
    public static bool IsLegal(string key) => key.Length >= Shortest && key.All(static c => c is > ' ' and < '\x7f');

    /// <summary>Both are compared as hashes: the time that it takes says neither how much of a key is right nor how long it is.</summary>
    public bool IsShownBy(HttpRequest request) =>
        request.Headers.Authorization is [{ } value] && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(Hash(value[Scheme.Length..].Trim()), _hash);

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
