using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Http;

internal sealed partial class HttpToolClient
{
    /// <summary>One call: what is sent, under which settings, and the secrets that were read for it.</summary>
    private sealed class Call(HttpTarget target, HttpToolRequest request, ToolSettings settings)
    {
        public HttpTarget Target => target;

        public HttpToolRequest Request => request;

        public ToolSettings Settings => settings;

        /// <summary>All that any hop was sent.</summary>
        public SentSecrets Secrets { get; } = new();

        /// <summary>Reads the secrets that this hop is sent.</summary>
        /// <param name="uri">Where it leads.</param>
        /// <param name="sameOrigin">False once a redirect led elsewhere: then there are none.</param>
        /// <param name="headers">The headers that hold them.</param>
        /// <param name="fault">To be read behind the tool's name; without the secret.</param>
        public bool TryReadSecrets(Uri uri, bool sameOrigin, out List<KeyValuePair<string, string>> headers, [NotNullWhen(false)] out string? fault)
        {
            (headers, fault) = ([], null);
            foreach (var (name, header) in target.Headers)
            {
                if (!sameOrigin || header.Secret is not { } secretName)
                {
                    continue;
                }

                if (HttpToolCheck.FaultOfSecret(secretName, uri, settings) is { } refused)
                {
                    fault = refused;
                    return false;
                }

                var secret = settings.Secrets[secretName].Credentials.ReadSecret();
                if (secret is null || !ArgumentText.IsHeaderValue(header.Prefix + secret))
                {
                    fault = secret is null ? $"needs the secret \"{secretName}\", and it is not there" : $"needs the secret \"{secretName}\", and no header can hold it";
                    return false;
                }

                Secrets.Add(secret);
                headers.Add(new(name, header.Prefix + secret));
            }

            return true;
        }

        /// <summary>Makes the message but for its URL.</summary>
        /// <param name="sameOrigin">False once a redirect led elsewhere: of the tool's headers, which may be keys in plain text or arguments, none is sent there.</param>
        /// <param name="secrets">The headers that hold secrets.</param>
        public HttpRequestMessage CreateMessage(bool sameOrigin, List<KeyValuePair<string, string>> secrets)
        {
            var message = new HttpRequestMessage(new HttpMethod(target.Method), (Uri?)null);
            if (request.Body is { } body)
            {
                message.Content = new ByteArrayContent(body);
                message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            }

            foreach (var (name, value) in sameOrigin ? request.Headers.Concat(secrets) : [])
            {
                if (!message.Headers.TryAddWithoutValidation(name, value))
                {
                    message.Content?.Headers.TryAddWithoutValidation(name, value); // such as Content-Language
                }
            }

            AddUnlessThere(message, "Accept", "application/json, text/*;q=0.9, */*;q=0.1");
            AddUnlessThere(message, "User-Agent", "RouterGateway"); // some services refuse those who have none
            return message;
        }

        private static void AddUnlessThere(HttpRequestMessage message, string name, string value)
        {
            if (!message.Headers.NonValidated.Contains(name))
            {
                message.Headers.TryAddWithoutValidation(name, value);
            }
        }
    }
}
