namespace Gateway.Identity.Jwt;

/// <summary>Why a bearer token is not believed. The word goes to the log and never to the client.</summary>
internal enum TokenFault
{
    None,
    SeveralCredentials,
    TooLong,
    Malformed,
    DuplicateName,
    HeaderParameter,
    Algorithm,
    UnknownKey,
    BadSignature,
    NoExpiry,
    Expired,
    NotYetValid,
    IssuedInFuture,
    Issuer,
    Audience,
    User,

    /// <summary>Not the token's fault: no key has been read from the JWKS source yet.</summary>
    KeysUnavailable,
}
