using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace RouterGateway.Gateway.Tools.Http;

/// <summary>Tells addresses that anybody may reach from those that lead into a network, a machine or nowhere.</summary>
/// <remarks>
/// After IANA's registries of special-purpose addresses. Of IPv6 only global unicast (2000::/3) can be public, so that whatever is not assigned yet
/// stays closed. Addresses that hold an IPv4 address are judged by it where translation is in use today (mapped, NAT64, ISATAP); the tunnels 6to4 and
/// Teredo are given up (RFC 7526, RFC 4380) and closed as a whole, and so is the NAT64 prefix that each network fills as it likes.
/// </remarks>
internal static class PublicAddress
{
    private static readonly IPNetwork[] _closed4 =
    [
        IPNetwork.Parse("0.0.0.0/8"), // this host
        IPNetwork.Parse("10.0.0.0/8"), // private
        IPNetwork.Parse("100.64.0.0/10"), // shared by providers; the metadata of one cloud
        IPNetwork.Parse("127.0.0.0/8"), // loopback
        IPNetwork.Parse("168.63.129.16/32"), // the host of virtual machines in one cloud, though it looks public
        IPNetwork.Parse("169.254.0.0/16"), // link-local; metadata of most clouds
        IPNetwork.Parse("172.16.0.0/12"), // private
        IPNetwork.Parse("192.0.0.0/24"), // protocol assignments; metadata of one cloud
        IPNetwork.Parse("192.0.2.0/24"), // documentation
        IPNetwork.Parse("192.88.99.0/24"), // relays of 6to4
        IPNetwork.Parse("192.168.0.0/16"), // private
        IPNetwork.Parse("198.18.0.0/15"), // benchmarks
        IPNetwork.Parse("198.51.100.0/24"), // documentation
        IPNetwork.Parse("203.0.113.0/24"), // documentation
        IPNetwork.Parse("224.0.0.0/3"), // multicast, reserved, broadcast
    ];

    private static readonly IPNetwork[] _closed6 =
    [
        IPNetwork.Parse("2001::/23"), // Teredo, benchmarks, ORCHID and other protocols
        IPNetwork.Parse("2001:db8::/32"), // documentation
        IPNetwork.Parse("2002::/16"), // 6to4
        IPNetwork.Parse("3fff::/20"), // documentation
    ];

    private static readonly IPNetwork _global = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork _nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>True when anybody may reach the address.</summary>
    public static bool Is(IPAddress address)
    {
        address = Plain(address);
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return !Array.Exists(_closed4, network => network.Contains(address));
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        if (_nat64.Contains(address))
        {
            return Is(new IPAddress(bytes[12..]));
        }

        // ISATAP: 0000:5efe or 0200:5efe before an IPv4 address, under any prefix
        var isIsatap = (BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]) & 0xFDFF_FFFF) == 0x0000_5EFE;
        return _global.Contains(address) && !Array.Exists(_closed6, network => network.Contains(address)) && (!isIsatap || Is(new IPAddress(bytes[12..])));
    }

    /// <summary>The address as it is compared: without a scope, and as IPv4 when it is mapped.</summary>
    public static IPAddress Plain(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0 ? new IPAddress(address.GetAddressBytes())
        : address;
}
