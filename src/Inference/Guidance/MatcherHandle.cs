using System.Runtime.InteropServices;

namespace RouterGateway.Inference.Guidance;

/// <summary>Owns the native state of one guided answer.</summary>
internal sealed class MatcherHandle : SafeHandle
{
    /// <summary>Takes a state over.</summary>
    /// <param name="matcher">What the native library returned; zero when it failed.</param>
    public MatcherHandle(nint matcher)
        : base(0, ownsHandle: true) => SetHandle(matcher);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        GuidanceNative.FreeMatcher(handle);
        return true;
    }
}
