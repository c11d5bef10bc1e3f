namespace RouterGateway.Gateway.Cli;

/// <summary>What the program returns to its shell.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>It ran and failed, for instance because its address is in use.</summary>
    public const int Failure = 1;

    /// <summary>A file or an option is wrong; nothing was started.</summary>
    public const int BadInput = 2;
}
