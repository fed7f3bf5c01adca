using System.ClientModel;
using System.ClientModel.Primitives;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using OpenAI;
using OpenAI.Chat;

namespace CalendarService.Generation.Writers;

/// <summary>One streamed chat completion of any OpenAI-compatible endpoint as pieces of text.</summary>
internal sealed class ChatStream(IHttpClientFactory clients, IOptions<WriterOptions> options)
{
    public const string HttpClient = "openai";

    /// <summary>Ends normally only when the model said that it had finished. Nothing is asked twice.</summary>
    /// <exception cref="WriterException">The endpoint failed, refused, or broke off.</exception>
    public async IAsyncEnumerable<string> AskAsync(
        string instructions, string question, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var updates = Client()
            .CompleteChatStreamingAsync(
                [new SystemChatMessage(instructions), new UserChatMessage(question)], options: null, cancel)
            .GetAsyncEnumerator(cancel);
        var (answered, finished, cutOff) = (false, false, false);
        while (await NextAsync(updates, cancel))
        {
            answered = true;
            var update = updates.Current;
            if (!string.IsNullOrEmpty(update.RefusalUpdate) || update.FinishReason is ChatFinishReason.ContentFilter)
                throw new WriterException("ai-refused", "The AI refused to write for this brief.");
            finished |= update.FinishReason is not null;
            cutOff |= update.FinishReason is ChatFinishReason.Length;
            foreach (var part in update.ContentUpdate)
            {
                if (!string.IsNullOrEmpty(part.Text))
                    yield return part.Text;
            }
        }

        if (!answered)
            throw new WriterException("ai-invalid-answer", "The AI endpoint answered, but not with a chat completion stream.");
        if (!finished)
            throw new WriterException("ai-unavailable", "The AI's answer broke off before its end.");
        if (cutOff)
            throw new WriterException(
                "ai-cut-off", "The AI's answer reached the longest that its model gives; ask for fewer posts at once.");
    }

    private static async ValueTask<bool> NextAsync(
        IAsyncEnumerator<StreamingChatCompletionUpdate> updates, CancellationToken cancel)
    {
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancel); // A read torn by our own cancellation may show as an I/O error.
        }
        catch (Exception error) when (ChatFaults.ToWriterException(error) is not null)
        {
            throw ChatFaults.ToWriterException(error)!;
        }
    }

    private ChatClient Client()
    {
        var openAI = options.Value.OpenAI;
        // A local server may want no key, but the client must have one.
        var key = new ApiKeyCredential(openAI.ApiKey.Length > 0 ? openAI.ApiKey : "none");
        return new ChatClient(openAI.Model, key, new OpenAIClientOptions
        {
            Endpoint = new Uri(openAI.BaseUrl),
            Transport = new HttpClientPipelineTransport(clients.CreateClient(HttpClient)),
            NetworkTimeout = Timeout.InfiniteTimeSpan, // The caller's limits are the only ones.
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0), // It cannot know whether a post was given already.
        });
    }
}
