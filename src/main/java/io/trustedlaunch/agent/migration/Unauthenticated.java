package io.trustedlaunch.agent.migration;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How many connections may be open without authentication. Strangers share few, and known hosts have their own, so that
 * connections that send nothing block only their own kind, and none of their source alone.
 */
final class Unauthenticated {
    private static final int STRANGERS = 16;
    private static final int A_STRANGER = 4;
    private static final int KNOWN_HOSTS = 64;
    private static final int A_KNOWN_HOST = 16;

    /** A network of an IPv6 host has 64 bits; it can use any address in it. */
    private static final int IPV6_NETWORK_BYTES = 8;

    private final Map<String, Integer> bySource = new HashMap<>();
    private int strangers;
    private int knownHosts;

    /** Returns what ends the count of the connection, once; empty if there are too many. */
    synchronized Optional<Runnable> admit(InetAddress address, boolean known) {
        String source = source(address);
        boolean full = known ? knownHosts == KNOWN_HOSTS : strangers == STRANGERS;
        if (full || bySource.getOrDefault(source, 0) >= (known ? A_KNOWN_HOST : A_STRANGER)) {
            return Optional.empty();
        }
        count(source, known, 1);
        return Optional.of(new Runnable() {
            private boolean ended;

            @Override
            public void run() {
                synchronized (Unauthenticated.this) {
                    if (!ended) {
                        ended = true;
                        count(source, known, -1);
                    }
                }
            }
        });
    }

    private void count(String source, boolean known, int change) {
        bySource.merge(source, change, (before, more) -> before + more == 0 ? null : before + more);
        if (known) {
            knownHosts += change;
        } else {
            strangers += change;
        }
    }

    private static String source(InetAddress address) {
        return address instanceof Inet6Address
                ? Arrays.toString(Arrays.copyOf(address.getAddress(), IPV6_NETWORK_BYTES))
                : address.getHostAddress();
    }
}
