using System.Text;

namespace RouterGateway.Inference.Tokenization;

/// <summary>Encodes text made of trusted parts (control tokens count) and plain parts (they do not).</summary>
/// <remarks>
/// What stands between two control tokens is encoded as one text, so that merges across the border of a trusted and a
/// plain part are those of the reference, which sees one string.
/// </remarks>
internal sealed class TemplateEncoder(BpeTokenizer tokenizer, List<int> tokens)
{
    private readonly StringBuilder _pending = new();

    /// <summary>Appends text that the server wrote.</summary>
    public void AppendTemplate(ReadOnlySpan<char> text)
    {
        while (tokenizer.FindControlToken(text) is (var position, { } token))
        {
            _pending.Append(text[..position]);
            Complete();
            tokens.Add(token.Id);
            text = text[(position + token.Content.Length)..];
        }

        _pending.Append(text);
    }

    /// <summary>Appends text of a user or a model.</summary>
    public void AppendPlain(ReadOnlySpan<char> text) => _pending.Append(text);

    /// <summary>Encodes what is still pending; further parts may follow.</summary>
    public void Complete()
    {
        if (_pending.Length > 0)
        {
            tokenizer.Encode(_pending.ToString(), tokens);
            _pending.Clear();
        }
    }
}
