using System.Text.Json;
using System.Text.Json.Serialization;

namespace RouterGateway.Router.Routes.Source;

/// <summary>Reads durations that <see cref="ShapeCheck"/> has already found good.</summary>
internal sealed class DurationConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Duration.TryParse(reader.GetString() ?? "", out var duration) ? duration : throw new JsonException("Not a duration.");

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        throw new NotSupportedException("The routes file is only read.");
}
