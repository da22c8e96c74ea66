package io.trustedlaunch.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A limited number of open connections. One too many closes the oldest of the address that has the most, so that a client that
 * opens many loses its own and a newcomer is always served.
 */
final class OpenConnections {
    private static final Logger LOG = LoggerFactory.getLogger(OpenConnections.class);

    private final int limit;
    /** The order is their age. */
    private final Set<Socket> open = new LinkedHashSet<>();

    private final Map<InetAddress, Integer> sizes = new HashMap<>();

    OpenConnections(int limit) {
        this.limit = limit;
    }

    synchronized void add(Socket connection) {
        if (open.size() == limit) {
            close(oldestOfTheLargest());
        }
        open.add(connection);
        sizes.merge(connection.getInetAddress(), 1, Integer::sum);
    }

    synchronized void close(Socket connection) {
        if (open.remove(connection)) {
            sizes.computeIfPresent(connection.getInetAddress(), (address, size) -> size == 1 ? null : size - 1);
        }
        try {
            connection.close();
        } catch (IOException e) {
            LOG.debug("Cannot close a connection: {}", e.getMessage());
        }
    }

    synchronized void closeAll() {
        Set.copyOf(open).forEach(this::close);
    }

    private Socket oldestOfTheLargest() {
        int largest = sizes.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
        return open.stream()
                .filter(connection -> sizes.get(connection.getInetAddress()) == largest)
                .findFirst()
                .orElseThrow();
    }
}
