namespace Gateway.Identity.Jwt;

/// <summary>Why a bearer token is not believed. The word goes to the log and never to the client.</summary>
internal enum TokenFault
{
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

    /// <summary><c>nbf</c> is after <c>exp</c>.</summary>
    NeverValid,
    IssuedInFuture,
    Issuer,
    Audience,
    User,

    /// <summary>The library refuses it for a reason that has no word above.</summary>
    Unverifiable,
}
