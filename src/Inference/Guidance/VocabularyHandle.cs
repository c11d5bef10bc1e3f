using System.Runtime.InteropServices;

namespace RouterGateway.Inference.Guidance;

/// <summary>Owns a native vocabulary.</summary>
internal sealed class VocabularyHandle : SafeHandle
{
    /// <summary>Takes a vocabulary over.</summary>
    /// <param name="vocabulary">What the native library returned; zero when it failed.</param>
    public VocabularyHandle(nint vocabulary)
        : base(0, ownsHandle: true) => SetHandle(vocabulary);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        GuidanceNative.FreeVocabulary(handle);
        return true;
    }
}
