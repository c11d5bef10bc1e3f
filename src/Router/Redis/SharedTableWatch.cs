using Microsoft.Extensions.Logging;

namespace RouterGateway.Router.Redis;

/// <summary>Remembers which version of the shared table was seen last, and tells when it is another one.</summary>
/// <param name="logger">Receives what listeners throw.</param>
internal sealed partial class SharedTableWatch(ILogger logger)
{
    private readonly Lock _telling = new();
    private bool _isUnknown;
    private RedisLink? _link;
    private string? _version;

    /// <inheritdoc cref="SharedTable.Changed"/>
    public event Action? Changed
    {
        add
        {
            Heard += value;
            Lost(); // so that who begins to listen is told once, and need not know what others were told
        }
        remove => Heard -= value;
    }

    private event Action? Heard;

    /// <summary>True when somebody listens: else the version need not be read.</summary>
    public bool IsWatched => Heard is not null;

    /// <summary>What is seen next is news, even when it is what was seen last: who could not read the table in between tries again.</summary>
    public void Lost() => Volatile.Write(ref _isUnknown, true);

    /// <summary>Tells who listens, unless it was seen before.</summary>
    /// <param name="link">Where it was seen; null = no server is named any more.</param>
    /// <param name="version">What was seen; null = nobody has written yet, or the server lost what it had.</param>
    public void See(RedisLink? link, string? version)
    {
        lock (_telling) // the last beat of one link and the first of the next may meet
        {
            if (!Interlocked.Exchange(ref _isUnknown, false) && ReferenceEquals(link, _link) && version == _version)
            {
                return;
            }

            (_link, _version) = (link, version);
            try
            {
                Heard?.Invoke();
            }
            catch (Exception fault)
            {
                LogListenerFailed(logger, fault); // it is none of the heartbeat's
            }
        }
    }

    [LoggerMessage(EventId = 2107, Level = LogLevel.Error, Message = "A listener failed to follow the table that gateways share")]
    private static partial void LogListenerFailed(ILogger logger, Exception fault);
}
