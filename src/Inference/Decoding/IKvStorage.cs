using Microsoft.ML.OnnxRuntime;

namespace RouterGateway.Inference.Decoding;

/// <summary>The keys and values of one sequence. One thread at a time.</summary>
internal interface IKvStorage : IDisposable
{
    /// <summary>Whether memory for all tokens is taken from the beginning.</summary>
    bool TakesAllMemory { get; }

    /// <summary>Binds what is held to the inputs and outputs of the runs to come.</summary>
    void Bind(OrtIoBinding binding);

    /// <summary>Frees what only runs need; <see cref="Bind"/> comes before the next.</summary>
    void Rest();

    /// <summary>Gets ready for a run.</summary>
    /// <param name="heldTokens">Tokens before it.</param>
    /// <param name="newTokens">Tokens that it adds.</param>
    void Prepare(int heldTokens, int newTokens);

    /// <summary>Takes what a run gave; until then the storage holds what it held before.</summary>
    /// <param name="heldTokens">Tokens before it.</param>
    /// <param name="newTokens">Tokens that it added.</param>
    void Take(int heldTokens, int newTokens);

    /// <summary>Forgets all but the first tokens.</summary>
    /// <param name="heldTokens">Tokens that are held, more than are kept.</param>
    /// <param name="tokens">How many to keep.</param>
    /// <exception cref="NotSupportedException">This kind cannot go back here.</exception>
    void Cut(int heldTokens, int tokens);

    /// <summary>Lets go of the memory of tokens that no window reaches any more.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="end">The first that is still reached.</param>
    void LeaveWindow(int first, int end);

    /// <summary>Copies the first tokens to a new storage of the same model and kind.</summary>
    /// <param name="copy">Receives them.</param>
    /// <param name="tokens">How many.</param>
    /// <param name="left">Of the tensors with a window, tokens that have left it: they are not copied.</param>
    /// <exception cref="NotSupportedException">This kind cannot be copied here.</exception>
    void CopyTo(IKvStorage copy, int tokens, int left);

    /// <summary>Copies one tensor [1, heads, tokens, width].</summary>
    /// <param name="index">Of <see cref="DecoderContract.PresentOutputs"/>.</param>
    /// <param name="tokens">How many are held.</param>
    /// <param name="values">Receives the values of all heads, row-major.</param>
    /// <returns>Number of heads.</returns>
    int Read(int index, int tokens, out float[] values);
}
