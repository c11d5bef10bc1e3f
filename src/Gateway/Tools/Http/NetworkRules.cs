using System.Globalization;
using System.Net;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Tools.Http;

/// <summary>Where tools may lead, as <c>tools.network</c> says at the moment.</summary>
/// <remarks>Names are compared as written and decide nothing but what an operator opened; all else is decided by addresses, so that no spelling of a
/// host gets around it.</remarks>
internal sealed class NetworkRules
{
    private readonly ToolNetwork _network;
    private readonly List<IPNetwork> _openNetworks = [];
    private readonly List<string> _openHosts = [];

    public NetworkRules(ToolNetwork network)
    {
        _network = network;
        foreach (var allowed in network.Allow)
        {
            if (IPAddress.TryParse(allowed, out var address)) // before networks: "10.0.0.1" is one of a single address to some parsers and a fault to others
            {
                address = PublicAddress.Plain(address);
                _openNetworks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            }
            else if (IPNetwork.TryParse(allowed, out var net))
            {
                _openNetworks.Add(net);
            }
            else
            {
                _openHosts.Add(allowed);
            }
        }
    }

    /// <summary>Why a tool may not lead there; <c>null</c>: it may.</summary>
    /// <param name="uri">Where the request goes.</param>
    /// <param name="addresses">All that its host stands for; every one of them has to be allowed.</param>
    public string? Fault(Uri uri, IReadOnlyCollection<IPAddress> addresses)
    {
        if (IsOpen(uri) || addresses.All(IsOpen))
        {
            return null;
        }

        // which address it is stays untold: callers would learn what the names of an internal network stand for
        return addresses.All(address => IsOpen(address) || PublicAddress.Is(address)) ? FaultOfPort(uri) : "leads to an address that tools may not reach";
    }

    /// <summary>The same as far as it can be told without asking what the host stands for.</summary>
    public string? FaultOfText(Uri uri) =>
        IPAddress.TryParse(uri.IdnHost, out var address) ? Fault(uri, [address])
        : IsOpen(uri) || _openNetworks.Count > 0 ? null // the name may stand for an address of an open network
        : FaultOfPort(uri);

    private string? FaultOfPort(Uri uri) =>
        !_network.Schemes.Contains(uri.Scheme) ? $"uses {uri.Scheme}; tools may use {string.Join(" and ", _network.Schemes)}"
        : !_network.Ports.Contains(uri.Port) ? string.Create(CultureInfo.InvariantCulture, $"uses port {uri.Port}; tools may use {string.Join(", ", _network.Ports)}")
        : null;

    private bool IsOpen(Uri uri) => _openHosts.Exists(host => IsHost(uri, host));

    private bool IsOpen(IPAddress address)
    {
        address = PublicAddress.Plain(address);
        return _openNetworks.Exists(network => network.Contains(address));
    }

    /// <summary>True when the URL's host is the one that is named, in any case.</summary>
    public static bool IsHost(Uri uri, string host) =>
        string.Equals(uri.IdnHost, host, StringComparison.OrdinalIgnoreCase) || string.Equals(uri.Host, host, StringComparison.OrdinalIgnoreCase);
}
