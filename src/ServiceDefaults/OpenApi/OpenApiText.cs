using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace ServiceDefaults.OpenApi;

/// <summary>The document as it is served, made when it is first asked for: it costs nothing at start, and no second time.</summary>
internal sealed class OpenApiText(IServiceProvider services)
{
    private readonly Lazy<Task<byte[]>> _text = new(() => WriteAsync(services));

    public Task<byte[]> ReadAsync() => _text.Value;

    private static async Task<byte[]> WriteAsync(IServiceProvider services)
    {
        var provider = services.GetRequiredKeyedService<IOpenApiDocumentProvider>(OpenApiExtensions.DocumentName);
        var document = await provider.GetOpenApiDocumentAsync();
        using var text = new MemoryStream();
        await document.SerializeAsJsonAsync(text, OpenApiSpecVersion.OpenApi3_1);
        return text.ToArray();
    }
}
