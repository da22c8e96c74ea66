package io.trustedlaunch.agent.migration;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections that are open without authentication, which takes a moment only. Strangers share few, and known hosts have
 * their own. A newcomer is always let in: one too many of a source closes that source's oldest, and one too many of its kind
 * the oldest of the source that has the most.
 */
final class Unauthenticated {
    private static final Logger LOG = LoggerFactory.getLogger(Unauthenticated.class);

    private static final int STRANGERS = 16;
    private static final int A_STRANGER = 4;
    private static final int KNOWN_HOSTS = 64;
    private static final int A_KNOWN_HOST = 16;

    /** A network of an IPv6 host has 64 bits; it can use any address in it. */
    private static final int IPV6_NETWORK_BYTES = 8;

    /** Ordered by age. */
    private final Set<Waiting> waiting = new LinkedHashSet<>();

    private record Waiting(Socket connection, String source, boolean known) {}

    /** Returns what ends the count of the connection. */
    synchronized Runnable admit(Socket connection, boolean known) {
        Waiting newcomer = new Waiting(connection, source(connection.getInetAddress()), known);
        tooMany(newcomer).ifPresent(this::close);
        waiting.add(newcomer);
        return () -> end(newcomer);
    }

    private synchronized void end(Waiting ended) {
        waiting.remove(ended);
    }

    private Optional<Waiting> tooMany(Waiting newcomer) {
        if (of(newcomer.source(), newcomer.known()).count() >= (newcomer.known() ? A_KNOWN_HOST : A_STRANGER)) {
            return of(newcomer.source(), newcomer.known()).findFirst();
        }
        if (of(newcomer.known()).count() < (newcomer.known() ? KNOWN_HOSTS : STRANGERS)) {
            return Optional.empty();
        }
        long most = of(newcomer.known()).mapToLong(this::ofItsSource).max().orElseThrow();
        return of(newcomer.known()).filter(one -> ofItsSource(one) == most).findFirst();
    }

    private long ofItsSource(Waiting one) {
        return of(one.source(), one.known()).count();
    }

    private Stream<Waiting> of(String source, boolean known) {
        return of(known).filter(one -> one.source().equals(source));
    }

    private Stream<Waiting> of(boolean known) {
        return waiting.stream().filter(one -> one.known() == known);
    }

    private void close(Waiting oldest) {
        waiting.remove(oldest);
        LOG.warn("Closed a connection from {}: too many have not authenticated yet", oldest.source());
        try {
            oldest.connection().close();
        } catch (IOException e) {
            LOG.debug("Cannot close a connection: {}", e.getMessage());
        }
    }

    private static String source(InetAddress address) {
        return address instanceof Inet6Address
                ? Arrays.toString(Arrays.copyOf(address.getAddress(), IPV6_NETWORK_BYTES))
                : address.getHostAddress();
    }
}
