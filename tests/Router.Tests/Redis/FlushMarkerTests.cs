using RouterGateway.Router.Redis;

namespace RouterGateway.Router.Tests.Redis;

public sealed class FlushMarkerTests
{
    [Fact]
    public void Since_WhatWasSeenBefore_TellsTheFlushesAfterIt()
    {
        var first = FlushMarker.Append(null, "coding");
        var third = FlushMarker.Append(FlushMarker.Append(first, "general"), "tools");

        Assert.Equal(["general", "tools"], FlushMarker.Since(first, third));
        Assert.Empty(FlushMarker.Since(third, third));
        Assert.Equal([null], FlushMarker.Since(third, FlushMarker.Append(third, null)));
    }

    [Fact]
    public void Since_AFlushThatCannotBeTold_IsEverything()
    {
        var seen = FlushMarker.Append(null, "coding");
        var now = seen;
        for (var i = 0; i < 16; i++)
        {
            now = FlushMarker.Append(now, "general");
        }

        Assert.Equal([null], FlushMarker.Since(seen, now)); // too long ago
        Assert.Equal([null], FlushMarker.Since(null, now));
        Assert.Equal([null], FlushMarker.Since(seen, FlushMarker.Append(null, "general"))); // the server was emptied in between
        Assert.Equal([null], FlushMarker.Since(seen, "something else"));
    }
}
