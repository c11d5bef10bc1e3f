using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using RouterGateway.Gateway.Tools;
using RouterGateway.Gateway.Tools.Requests;
using RouterGateway.Gateway.Tools.Rounds;
using RouterGateway.Router.Tools;
using static RouterGateway.Gateway.Tests.Tools.ToolTests;

namespace RouterGateway.Gateway.Tests.Tools.Rounds;

/// <summary>Rounds without a gateway: what backends answered goes in, what the caller gets comes out.</summary>
internal static class TestRounds
{
    /// <summary>The gateway runs <c>weather</c> and <c>news</c>; the caller has <c>mine</c> and <c>other</c>.</summary>
    public static ToolPlan Plan { get; } = new([Tool("news"), Tool("weather")], new HashSet<string> { "mine", "other" }, Execute: true, MaxRounds: 8, ChoosesOne: false);

    /// <summary>A registered tool that the gateway runs.</summary>
    public static RegisteredTool Tool(string name) =>
        new(ToolDefinitionReader.Read(JsonElement.Parse(HttpTool(name, "https://tools.example.com/"))).Definition!, "owner", ToolSource.Caller);

    /// <summary>Plays rounds one after the other; all but the last are followed by another.</summary>
    /// <param name="streamed">As a stream, or whole.</param>
    /// <param name="rounds">For each round the pieces that the backend's answer comes in.</param>
    public static async Task<(string Sent, IReadOnlyList<RoundAnswer> Answers)> PlayAsync(bool streamed, params IEnumerable<ReadOnlyMemory<byte>>[] rounds)
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { Response = { Body = body } };
        IAnswerRounds played = streamed ? new StreamedRounds(context, Plan) : new WholeRounds(context, Plan);
        var answers = new List<RoundAnswer>();
        foreach (var round in rounds)
        {
            var stream = played.BeginRound();
            foreach (var piece in round)
            {
                await stream.WriteAsync(piece);
            }

            answers.Add((await played.EndRoundAsync(new DefaultHttpContext().Response, CancellationToken.None))!);
        }

        await played.FinishAsync(outOfRounds: false, CancellationToken.None);
        return (Encoding.UTF8.GetString(body.ToArray()), answers);
    }

    public static async Task<(SdkAnswer Sdk, IReadOnlyList<RoundAnswer> Answers)> StreamAsync(params string[] rounds)
    {
        var (sent, answers) = await PlayAsync(streamed: true, [.. rounds.Select(static round => (IEnumerable<ReadOnlyMemory<byte>>)[Encoding.UTF8.GetBytes(round)])]);
        return (SdkAnswer.Read(sent), answers);
    }

    public static Task<(string Sent, IReadOnlyList<RoundAnswer> Answers)> WholeAsync(params string[] rounds) =>
        PlayAsync(streamed: false, [.. rounds.Select(static round => (IEnumerable<ReadOnlyMemory<byte>>)[Encoding.UTF8.GetBytes(round)])]);
}
