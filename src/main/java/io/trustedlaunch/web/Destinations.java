package io.trustedlaunch.web;

import io.trustedlaunch.web.HttpsException.Kind;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where a server may lead a client, by a redirect or as its token server: otherwise it would learn of servers that only the
 * client reaches whether they are there, and what they answer.
 */
final class Destinations implements AutoCloseable {
    private record Server(String host, Set<AddressRange> allowed) {}

    private final Map<Server, NameRules.Rule> rules = new HashMap<>();
    /** The addresses of the hosts that somebody named, as they were at first. */
    private final Map<String, Set<AddressRange>> sources = new HashMap<>();

    /**
     * Until this is closed, the names have no other addresses.
     *
     * @param source that an administrator named
     * @throws HttpsException if it may not lead there
     */
    synchronized void require(URI source, URI address) throws HttpsException {
        Set<AddressRange> named = sources.computeIfAbsent(source.getHost(), Destinations::ranges);
        if (!named.isEmpty()) {
            hold(new Server(source.getHost(), named));
        }
        if (address.getHost().equalsIgnoreCase(source.getHost())) {
            return;
        }
        Server server = new Server(address.getHost(), allowed(named));
        boolean known = rules.containsKey(server);
        if (!known && isAllowed(server)) {
            hold(server);
        }
        // The answer before may have been another one.
        if (!known && !isAllowed(server)) {
            throw new HttpsException(
                    Kind.REDIRECTED,
                    RedactedUri.of(source) + " leads to " + server.host()
                            + ", whose addresses it may not lead to: only public ones, and from a server in a private"
                            + " network private ones",
                    null);
        }
    }

    static Set<AddressRange> allowed(Set<AddressRange> source) {
        return source.isEmpty() || source.contains(AddressRange.PUBLIC)
                ? EnumSet.of(AddressRange.PUBLIC)
                : EnumSet.of(AddressRange.PUBLIC, AddressRange.PRIVATE);
    }

    private void hold(Server server) {
        rules.computeIfAbsent(server, key -> NameRules.hold(key.host(), key.allowed()));
    }

    private static boolean isAllowed(Server server) {
        return server.allowed().containsAll(ranges(server.host()));
    }

    /** Empty if it is not known: then no connection is possible either. */
    private static Set<AddressRange> ranges(String host) {
        try {
            return Arrays.stream(InetAddress.getAllByName(host))
                    .map(AddressRange::of)
                    .collect(Collectors.toSet());
        } catch (UnknownHostException e) {
            return Set.of();
        }
    }

    @Override
    public synchronized void close() {
        rules.values().forEach(NameRules.Rule::close);
        rules.clear();
    }
}
