namespace Gateway.Wire;

/// <summary>Why a request is refused for its form. The word is the problem's code, in kebab case.</summary>
internal enum WireFault
{
    None,

    /// <summary>Two statements about the body's length, or a coding that is not understood.</summary>
    RequestFraming,

    /// <summary>A control character in a header's value, or a character that no name has.</summary>
    HeaderCharacter,

    /// <summary>A target that is no path: <c>*</c>, or one with characters that no URL has.</summary>
    RequestTarget,

    /// <summary>A path that this gateway and a backend could read as two different ones.</summary>
    AmbiguousPath,

    /// <summary>A header or parameter that is sent twice, and so belongs to two routes that exclude each other.</summary>
    AmbiguousRoute,

    MethodNotAllowed,

    ExpectationFailed,
}
