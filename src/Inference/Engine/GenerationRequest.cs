using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace RouterGateway.Inference.Engine;

/// <summary>One sequence to generate: the prompt in, a stream of token ids out.</summary>
internal sealed class GenerationRequest(ReadOnlyMemory<int> prompt, int maxTokens, SamplingOptions sampling, CancellationToken cancellationToken)
{
    private const int Waiting = 0;
    private const int Begun = 1;
    private const int Ended = 2;

    // At most maxTokens ids ever stand in it, so a client that reads slowly costs little and never stops the decoder.
    private readonly Channel<GeneratedToken> _tokens = Channel.CreateUnbounded<GeneratedToken>(new() { SingleReader = true, SingleWriter = true });
    private ITimer? _waitLimit;
    private CancellationTokenRegistration _clientLeaves;
    private Action<GenerationRequest, Exception>? _givesUp;
    private int _state = Waiting;
    private bool _isStopRequested;

    /// <summary>The prompt's token ids.</summary>
    public ReadOnlyMemory<int> Prompt => prompt;

    /// <summary>Most tokens to generate, 1 or more.</summary>
    public int MaxTokens => maxTokens;

    /// <summary>How tokens are chosen.</summary>
    public SamplingOptions Sampling => sampling;

    /// <summary>How many of the likeliest tokens are told for each that is generated, 0 or more; <see langword="null"/>: not even how likely that one was.</summary>
    public int? LikeliestTokens { get; init; }

    /// <summary>Keeps the answer to its form; <see langword="null"/>: it may be anything.</summary>
    public AnswerGuide? Guide { get; init; }

    /// <summary>Shared by the answers to one request: once one of them has begun, the others wait as long as it takes.</summary>
    public StrongBox<bool>? AnyBegun { get; init; }

    /// <summary>Cancelled when nobody wants the answer any more.</summary>
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>Tokens whose KV cache may have to be held.</summary>
    public int ReservedTokens => prompt.Length + maxTokens;

    /// <summary>The generated tokens, without the one that ended the turn; fails with what failed the generation.</summary>
    public ChannelReader<GeneratedToken> Tokens => _tokens.Reader;

    /// <summary>Why it ended; meaningful after the last of <see cref="Tokens"/>.</summary>
    public FinishReason FinishReason { get; private set; }

    /// <summary>Tokens of the prompt that a KV cache held already; meaningful once there are <see cref="Tokens"/>.</summary>
    public int CachedTokens { get; set; }

    /// <summary>Tokens the model has produced, the one that ended the turn included.</summary>
    public int GeneratedTokens { get; private set; }

    /// <summary>Whether the reader has what it wants: the answer then ends as <see cref="FinishReason.Stop"/>.</summary>
    public bool IsStopRequested => Volatile.Read(ref _isStopRequested);

    /// <summary>Ends the generation within one token, as after a stop string.</summary>
    public void RequestStop() => Volatile.Write(ref _isStopRequested, true);

    /// <summary>Hands over a token.</summary>
    public void Add(GeneratedToken token)
    {
        GeneratedTokens++;
        _tokens.Writer.TryWrite(token);
    }

    /// <summary>Ends the answer.</summary>
    public void Complete(FinishReason reason, bool hasEndToken)
    {
        GeneratedTokens += hasEndToken ? 1 : 0;
        FinishReason = reason;
        _tokens.Writer.TryComplete();
    }

    /// <summary>Waits for its turn: it gives up when its client does, or when it has waited too long, and then fails.</summary>
    /// <param name="limit">How long it waits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="givesUp">Told when it gives up, and why, before it fails.</param>
    public void Wait(TimeSpan limit, TimeProvider time, Action<GenerationRequest, Exception> givesUp)
    {
        _givesUp = givesUp;
        _waitLimit = time.CreateTimer(static request => ((GenerationRequest)request!).EndWait(), this, limit, Timeout.InfiniteTimeSpan);
        _clientLeaves = cancellationToken.UnsafeRegister(static request => ((GenerationRequest)request!).GiveUp(new OperationCanceledException("The client has left.")), this);
    }

    /// <summary>Begins the answer.</summary>
    /// <returns>False when it has failed already.</returns>
    public bool TryBegin()
    {
        StopWaiting();
        if (Interlocked.CompareExchange(ref _state, Begun, Waiting) != Waiting)
        {
            return false;
        }

        AnyBegun?.Value = true;
        return true;
    }

    /// <summary>Ends the answer with a failure or a cancellation.</summary>
    public void Fail(Exception exception)
    {
        StopWaiting();
        _tokens.Writer.TryComplete(exception);
    }

    private void StopWaiting()
    {
        _waitLimit?.Dispose();
        _clientLeaves.Unregister();
    }

    private void EndWait()
    {
        if (AnyBegun is not { Value: true })
        {
            GiveUp(new EngineOverloadedException());
        }
    }

    private void GiveUp(Exception why)
    {
        if (Interlocked.CompareExchange(ref _state, Ended, Waiting) == Waiting)
        {
            _givesUp!(this, why);
            Fail(why);
        }
    }
}
