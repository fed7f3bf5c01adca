using Microsoft.OpenApi;

namespace ServiceDefaults.OpenApi;

/// <summary>What the OpenAPI document says of an endpoint beside its method and path. Stands in the endpoint's metadata.</summary>
public sealed record OperationReference(string Summary)
{
    /// <summary>The shape of the JSON body. The program reads it by hand: a test holds the two together.</summary>
    public Type? Body { get; init; }

    public string? BodyExample { get; init; }

    /// <summary>Other media types under which the same body is taken.</summary>
    public IReadOnlyList<string> OtherBodyTypes { get; init; } = [];

    /// <summary>Those that the handler's own parameters do not tell; for those that they do, the description.</summary>
    public IReadOnlyList<ParameterReference> Parameters { get; init; } = [];

    /// <summary>What any answer may have, a problem too.</summary>
    public IReadOnlyList<HeaderReference> Headers { get; init; } = [];

    public IReadOnlyList<AnswerReference> Answers { get; init; } = [];

    public IReadOnlyList<ProblemReference> Problems { get; init; } = [];
}

public sealed record ParameterReference(ParameterLocation In, string Name, string Description)
{
    public bool Required { get; init; }

    public JsonSchemaType Type { get; init; } = JsonSchemaType.String;

    public static ParameterReference Header(string name, string description) => new(ParameterLocation.Header, name, description);

    public static ParameterReference Query(string name, string description) => new(ParameterLocation.Query, name, description);

    public static ParameterReference Path(string name, string description) =>
        new(ParameterLocation.Path, name, description) { Required = true };
}

/// <summary>A status that is no problem.</summary>
public sealed record AnswerReference(int Status, string Description)
{
    /// <summary>The shape of the JSON, or of the data of the events of a stream, by their names.</summary>
    public Type? Body { get; init; }

    /// <summary>Of <see cref="Body"/>.</summary>
    public string BodyType { get; init; } = "application/json";

    public string? Example { get; init; }

    /// <summary>Texts that may be answered in its place: media type and an example.</summary>
    public IReadOnlyList<(string MediaType, string Example)> Texts { get; init; } = [];

    public IReadOnlyList<HeaderReference> Headers { get; init; } = [];
}

public sealed record HeaderReference(string Name, string Description);

/// <summary>A problem that the endpoint may answer; several may share a status.</summary>
public sealed record ProblemReference(int Status, string Code)
{
    public IReadOnlyList<HeaderReference> Headers { get; init; } = [];
}
