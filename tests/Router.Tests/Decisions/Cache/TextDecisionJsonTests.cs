using System.Text;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Decisions.Cache;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Decisions.Cache;

public sealed class TextDecisionJsonTests : IDisposable
{
    private readonly RoutesFolder _folder = new();
    private readonly RouteTable _table;
    private static readonly DateTimeOffset _until = DateTimeOffset.FromUnixTimeSeconds(1_795_219_200);
    private readonly TextDecision _decision = new()
    {
        RouteId = "coding",
        Outcome = DecisionOutcome.Scored,
        Scores = [new RouteScore("coding", 0.75), new RouteScore("general", 0.25)],
        TextTokens = 12,
        Truncated = true,
        IsClear = false,
        WasScored = true,
        Embedding = [1, 2],
    };

    public TextDecisionJsonTests() => _table = RouteTableLoader.Load(_folder.RoutesFile).Table!;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_ADecision_IsReadable() => Assert.Equal(
        """{"v":1,"route":"coding","outcome":"scored","scores":{"coding":0.75,"general":0.25},"tokens":12,"truncated":true,"clear":false,"scored":true,"until":1795219200}""",
        Encoding.UTF8.GetString(TextDecisionJson.Write(_decision, _until)));

    [Fact]
    public void TryRead_WhatWasWritten_IsTheSame()
    {
        var read = TextDecisionJson.TryRead(TextDecisionJson.Write(_decision, _until), _table, out var until)!;

        Assert.Equal(_until, until);
        Assert.Equal(_decision.Scores.AsEnumerable(), read.Scores);
        Assert.Equal(_decision with { Scores = [], Embedding = null }, read with { Scores = [] });
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("{}")]
    [InlineData("\"v\":1", "\"v\":2")]
    [InlineData("\"v\":1,", "")]
    [InlineData("\"route\":\"coding\"", "\"route\":\"gone\"")]
    [InlineData("\"scored\",", "\"cache\",")]
    [InlineData("\"scored\",", "\"default-error\",")]
    [InlineData("\"general\":0.25", "\"other\":0.25")]
    [InlineData(",\"general\":0.25", "")]
    [InlineData("0.75", "1.5")]
    [InlineData("0.75", "-1")]
    [InlineData("0.75", "NaN")]
    [InlineData("12", "\"12\"")]
    public void TryRead_AnythingElse_IsNull(string from, string? to = null)
    {
        var value = to is null ? from : Encoding.UTF8.GetString(TextDecisionJson.Write(_decision, _until)).Replace(from, to, StringComparison.Ordinal);

        Assert.Null(TextDecisionJson.TryRead(Encoding.UTF8.GetBytes(value), _table, out _));
    }

    [Fact]
    public void TryRead_DamagedBytes_NeverThrows()
    {
        var random = new Random(1);
        var good = TextDecisionJson.Write(_decision, _until);
        for (var i = 0; i < 5_000; i++)
        {
            var bad = good[..random.Next(good.Length + 1)];
            for (var j = 0; j < bad.Length && random.Next(3) > 0; j++)
            {
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            }

            var read = TextDecisionJson.TryRead(bad, _table, out _);
            Assert.True(read is null || _table.RoutesById.ContainsKey(read.RouteId));
        }
    }
}
