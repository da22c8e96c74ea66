package io.trustedlaunch.web;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * Which addresses the DNS may give for a name, as long as a rule for it is held. The JDK's client resolves a name again when
 * it connects, after it was checked; this makes the JVM refuse an answer that has changed by then. Other names are resolved
 * as always.
 */
public final class NameRules extends InetAddressResolverProvider {
    /** The JVM has one resolver. */
    private static final List<Rule> HELD = new CopyOnWriteArrayList<>();

    static final class Rule implements AutoCloseable {
        private final String name;
        private final Set<AddressRange> allowed;

        private Rule(String name, Set<AddressRange> allowed) {
            this.name = name;
            this.allowed = allowed;
        }

        private boolean forbids(String host, InetAddress address) {
            return name.equals(normal(host)) && !allowed.contains(AddressRange.of(address));
        }

        @Override
        public void close() {
            HELD.remove(this);
        }
    }

    static Rule hold(String name, Set<AddressRange> allowed) {
        Rule rule = new Rule(normal(name), allowed);
        HELD.add(rule);
        return rule;
    }

    private static String normal(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    @Override
    public InetAddressResolver get(Configuration configuration) {
        return under(configuration.builtinResolver());
    }

    @Override
    public String name() {
        return "trustedlaunch.io name rules";
    }

    static InetAddressResolver under(InetAddressResolver system) {
        return new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
                List<InetAddress> found = system.lookupByName(host, policy).toList();
                if (found.stream().anyMatch(address -> HELD.stream().anyMatch(rule -> rule.forbids(host, address)))) {
                    throw new UnknownHostException(host + " has other addresses now");
                }
                return found.stream();
            }

            @Override
            public String lookupByAddress(byte[] address) throws UnknownHostException {
                return system.lookupByAddress(address);
            }
        };
    }
}
