using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;
using ServiceDefaults.Problems;

namespace ServiceDefaults.OpenApi;

/// <summary>Writes into an operation what its <see cref="OperationReference"/> says.</summary>
internal static class OperationWriter
{
    public const string ProblemSchema = "Problem";

    private const string EventStream = "text/event-stream";

    private static readonly HeaderReference RequestId =
        new("X-Request-Id", "The request's own id if it is one, else one that was made for it; the same in every log line.");

    /// <param name="head">Of HEAD: the same answers without their bodies.</param>
    public static void Write(OpenApiOperation operation, OperationReference reference, OpenApiDocument document, bool head)
    {
        operation.Summary = reference.Summary;
        operation.Tags = null; // The framework's are names of classes.
        if (head && operation.OperationId is { } id)
            operation.OperationId = id + "-head"; // Names of operations are there once.
        WriteParameters(operation, reference);
        WriteBody(operation, reference);

        var known = operation.Responses ?? [];
        var responses = new OpenApiResponses();
        foreach (var answer in reference.Answers)
            responses[Key(answer.Status)] = Describe(answer, known.GetValueOrDefault(Key(answer.Status)) as OpenApiResponse, head);
        foreach (var problems in reference.Problems.GroupBy(problem => problem.Status))
            AddProblems(responses, problems.Key, [.. problems], document, head);
        operation.Responses = [];
        foreach (var (status, response) in responses.OrderBy(response => response.Key, StringComparer.Ordinal))
        {
            foreach (var (name, header) in Describe(reference.Headers))
                response.Headers!.TryAdd(name, header);
            operation.Responses[status] = response;
        }
    }

    private static void WriteParameters(OpenApiOperation operation, OperationReference reference)
    {
        operation.Parameters ??= [];
        foreach (var parameter in reference.Parameters)
        {
            if (operation.Parameters.FirstOrDefault(p => p.In == parameter.In && p.Name == parameter.Name) is OpenApiParameter known)
            {
                known.Description = parameter.Description;
                known.Required |= parameter.Required;
                continue;
            }

            operation.Parameters.Add(new OpenApiParameter
            {
                In = parameter.In, Name = parameter.Name, Description = parameter.Description, Required = parameter.Required,
                Schema = new OpenApiSchema { Type = parameter.Type },
            });
        }
    }

    private static void WriteBody(OpenApiOperation operation, OperationReference reference)
    {
        if (operation.RequestBody is not OpenApiRequestBody { Content: { Count: > 0 } content } || content.Values.First() is not { } json)
            return;
        json.Example = reference.BodyExample is { } example ? JsonNode.Parse(example) : null;
        foreach (var type in reference.OtherBodyTypes)
            content[type] = new OpenApiMediaType { Schema = json.Schema };
    }

    private static OpenApiResponse Describe(AnswerReference answer, OpenApiResponse? known, bool head)
    {
        var response = new OpenApiResponse { Description = answer.Description, Headers = Describe(answer.Headers) };
        if (head)
            return response;
        response.Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal);
        if (answer.Body is not null && known?.Content is { } content && content.TryGetValue(answer.BodyType, out var media))
            response.Content[answer.BodyType] = answer.BodyType == EventStream ? DescribeStream(media.Schema, answer.Example)
                : new OpenApiMediaType { Schema = media.Schema, Example = answer.Example is { } json ? JsonNode.Parse(json) : null };
        foreach (var (type, text) in answer.Texts)
            response.Content[type] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String }, Example = text };
        return response;
    }

    /// <summary>OpenAPI 3.1 has no word for a stream's events: a text, and beside it the shape of each event's data by its name.</summary>
    private static OpenApiMediaType DescribeStream(IOpenApiSchema? events, string? example) => new()
    {
        Schema = new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Description = "Frames of id, event and one line of data; comments in silence; the event done is always the last.",
        },
        Example = example,
        Extensions = new Dictionary<string, IOpenApiExtension>(StringComparer.Ordinal)
        {
            ["x-event-data"] = new JsonNodeExtension(
                new JsonObject { ["$ref"] = $"#/components/schemas/{(events as OpenApiSchemaReference)?.Reference.Id}" }),
        },
    };

    public static void AddProblems(
        OpenApiResponses responses, int status, IReadOnlyList<ProblemReference> problems, OpenApiDocument document, bool head)
    {
        if (responses.GetValueOrDefault(Key(status)) is not OpenApiResponse response)
        {
            response = new OpenApiResponse { Description = ReasonPhrases.GetReasonPhrase(status), Headers = Describe([]) };
            responses[Key(status)] = response;
        }

        foreach (var (name, header) in Describe(problems.SelectMany(problem => problem.Headers)))
            response.Headers![name] = header;
        if (head)
            return;
        response.Content ??= new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal);
        response.Content[Problem.ContentType] = new OpenApiMediaType
        {
            Schema = new OpenApiSchema
            {
                AllOf =
                [
                    new OpenApiSchemaReference(ProblemSchema, document),
                    new OpenApiSchema
                    {
                        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
                        {
                            ["code"] = new OpenApiSchema
                            {
                                Type = JsonSchemaType.String,
                                Enum = [.. problems.Select(problem => (JsonNode)problem.Code).DistinctBy(code => code.ToString())],
                            },
                        },
                    },
                ],
            },
        };
    }

    private static Dictionary<string, IOpenApiHeader> Describe(IEnumerable<HeaderReference> headers)
    {
        var described = new Dictionary<string, IOpenApiHeader>(StringComparer.OrdinalIgnoreCase);
        foreach (var header in headers.Prepend(RequestId))
        {
            described[header.Name] = new OpenApiHeader
            {
                Description = header.Description, Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            };
        }

        return described;
    }

    private static string Key(int status) => status.ToString(CultureInfo.InvariantCulture);
}
