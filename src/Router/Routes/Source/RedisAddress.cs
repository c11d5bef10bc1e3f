using System.Diagnostics.CodeAnalysis;
using StackExchange.Redis;

namespace RouterGateway.Router.Routes.Source;

/// <summary>Reads <c>decisions.redis</c>.</summary>
internal static class RedisAddress
{
    private const int DefaultPort = 6379;

    /// <summary>Turns an address into the form of StackExchange.Redis.</summary>
    /// <param name="address">host:port with options behind it, or a URL.</param>
    /// <param name="configuration">Receives what <see cref="ConfigurationOptions.Parse(string)"/> takes.</param>
    /// <param name="fault">Receives what is wrong with it.</param>
    public static bool TryParse(string address, [NotNullWhen(true)] out string? configuration, [NotNullWhen(false)] out string? fault)
    {
        configuration = null;
        fault = null;
        var text = address.Contains("://", StringComparison.Ordinal) ? FromUrl(address, out fault) : address;
        if (fault is not null)
        {
            return false;
        }

        try
        {
            var options = ConfigurationOptions.Parse(text!);
            fault = options switch
            {
                { EndPoints.Count: 0 } => "names no server: write host:port, or redis://host:port",
                { Password: not null } => "holds a password: secrets are named by \"redisCredentials\", never written in the file",
                _ => null,
            };
        }
        catch (Exception refused) when (refused is ArgumentException or FormatException or OverflowException)
        {
            var reason = refused.Message.Split(" (Parameter", 2)[0].ReplaceLineEndings(" ").TrimEnd('.');
            fault = $"is no host:port with options of StackExchange.Redis behind it, nor a redis:// URL: {FaultPath.Printable(reason)}";
        }

        configuration = fault is null ? text : null;
        return fault is null;
    }

    private static string? FromUrl(string address, out string? fault)
    {
        fault = null;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("redis" or "rediss") || url.Host.Length == 0)
        {
            fault = "must be host:port, redis://host:port/database or rediss://host:port/database";
            return null;
        }

        if (url.UserInfo.Length > 0)
        {
            fault = "holds a password: secrets are named by \"redisCredentials\", never written in the file";
            return null;
        }

        var database = url.AbsolutePath.Trim('/');
        if (database.Length > 0 && !int.TryParse(database, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out _))
        {
            fault = $"\"{FaultPath.Printable(database)}\" is no number of a database";
            return null;
        }

        var text = $"{url.Host}:{(url.Port > 0 ? url.Port : DefaultPort)}";
        text += database.Length > 0 ? $",defaultDatabase={database}" : "";
        return url.Scheme == "rediss" ? text + ",ssl=true" : text;
    }
}
