using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using ServiceDefaults.Endpoints;

namespace ServiceDefaults.OpenApi;

/// <summary>An OpenAPI 3.1 document of the endpoints that are <see cref="Documented"/>, under <see cref="Path"/>.</summary>
public static class OpenApiExtensions
{
    public const string Path = "/openapi/v1.json";

    internal const string DocumentName = "v1";

    public static IServiceCollection AddOpenApiDocument(this IServiceCollection services, string title, string description)
    {
        // Numbers are numbers: without this every one of them is described as a number or a text.
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict);
        services.AddOpenApi(DocumentName, options =>
        {
            options.ShouldInclude = endpoint => endpoint.ActionDescriptor.EndpointMetadata.OfType<OperationReference>().Any();
            options.AddOperationTransformer((operation, context, _) =>
            {
                var reference = context.Description.ActionDescriptor.EndpointMetadata.OfType<OperationReference>().Last();
                operation.OperationId ??= context.Description.RelativePath is { Length: > 0 } path ? path : "root";
                OperationWriter.Write(operation, reference, context.Document!, HttpMethods.IsHead(context.Description.HttpMethod ?? ""));
                return Task.CompletedTask;
            });
            options.AddSchemaTransformer((schema, context, _) =>
            {
                if (context.JsonPropertyInfo?.AttributeProvider?.GetCustomAttributes(typeof(AllowedValuesAttribute), inherit: false)
                    is [AllowedValuesAttribute allowed, ..])
                    schema.Enum = [.. allowed.Values.Select(value => (JsonNode)(string)value!)];
                // Left out when they are null.
                foreach (var property in context.JsonTypeInfo.Properties.Where(IsLeftOutWhenNull))
                    schema.Required?.Remove(property.Name);
                return Task.CompletedTask;
            });
            options.AddDocumentTransformer((document, context, _) =>
            {
                document.Info = new OpenApiInfo { Title = title, Version = DocumentName, Description = description };
                AddOtherEndpoints(document, context.ApplicationServices.GetRequiredService<EndpointDataSource>());
                document.Tags = null;
                AddProblems(document);
                return Task.CompletedTask;
            });
        });
        return services.AddSingleton<OpenApiText>();
    }

    public static IEndpointConventionBuilder MapOpenApiDocument(this IEndpointRouteBuilder endpoints) => endpoints
        .MapRead(Path, async (OpenApiText document) => TypedResults.Bytes(await document.ReadAsync(), "application/json"))
        .ExcludeFromDescription().AsProbe();

    public static T Documented<T>(this T endpoint, OperationReference reference)
        where T : IEndpointConventionBuilder
    {
        endpoint.Add(built =>
        {
            built.Metadata.Add(reference);
            // Without media types, so that it only describes: no request is sent elsewhere by its Content-Type.
            if (reference.Body is { } body)
                built.Metadata.Add(new AcceptsMetadata([], body));
            foreach (var answer in reference.Answers)
                built.Metadata.Add(new ProducesResponseTypeMetadata(answer.Status, answer.Body ?? typeof(void), [answer.BodyType]));
        });
        return endpoint;
    }

    /// <summary>Those that take any method, which the framework does not describe. GET is what everybody asks with.</summary>
    private static void AddOtherEndpoints(OpenApiDocument document, EndpointDataSource endpoints)
    {
        foreach (var endpoint in endpoints.Endpoints.OfType<RouteEndpoint>())
        {
            if (endpoint.Metadata.GetMetadata<OperationReference>() is not { } reference
                || endpoint.RoutePattern.RawText is not { } path || document.Paths.ContainsKey(path.Length > 1 ? path.TrimEnd('/') : path))
                continue;
            var operation = new OpenApiOperation { OperationId = path.Trim('/') };
            OperationWriter.Write(operation, reference, document, head: false);
            document.Paths[path] = new OpenApiPathItem { Operations = new() { [HttpMethod.Get] = operation } };
        }
    }

    private static bool IsLeftOutWhenNull(JsonPropertyInfo property) =>
        property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: false)
            is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.WhenWritingNull }];

    private static void AddProblems(OpenApiDocument document)
    {
        document.AddComponent(OperationWriter.ProblemSchema, new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "RFC 9457. Programs switch on code; a kind of problem may have members of its own.",
            Required = new HashSet<string>(["status", "code", "title", "type"], StringComparer.Ordinal),
            Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
            {
                ["type"] = Text("always about:blank"),
                ["title"] = Text("the status in words"),
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
                ["code"] = Text("a stable word; the responses say which"),
                ["detail"] = Text("a sentence for a person"),
                ["requestId"] = Text("as in X-Request-Id"),
                ["errors"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Description = "what is wrong, by the path of the field, parameter or header",
                    AdditionalProperties = new OpenApiSchema
                    {
                        Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String },
                    },
                },
            },
            AdditionalProperties = new OpenApiSchema(),
        });
        var ofNoEndpoint = new OpenApiResponses();
        OperationWriter.AddProblems(ofNoEndpoint, 404, [new(404, "not-found")], document, head: false);
        OperationWriter.AddProblems(
            ofNoEndpoint, 405, [new(405, "method-not-allowed") { Headers = [new("Allow", "The methods.")] }], document, head: false);
        document.AddComponent("NotFound", (OpenApiResponse)ofNoEndpoint["404"]);
        document.AddComponent("MethodNotAllowed", (OpenApiResponse)ofNoEndpoint["405"]);

        static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };
    }
}
