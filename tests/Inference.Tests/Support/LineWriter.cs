using System.Text;

namespace RouterGateway.Inference.Tests.Support;

/// <summary>A text writer that tells of its first line as soon as it is complete.</summary>
internal sealed class LineWriter : StringWriter
{
    private readonly TaskCompletionSource<string> _firstLine = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<string> FirstLine => _firstLine.Task;

    public override Encoding Encoding => Encoding.UTF8;

    public override async Task WriteLineAsync(string? value)
    {
        await base.WriteLineAsync(value);
        _firstLine.TrySetResult(value ?? "");
    }
}
