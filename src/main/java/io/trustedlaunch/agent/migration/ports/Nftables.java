package io.trustedlaunch.agent.migration.ports;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.trustedlaunch.agent.hypervisor.QemuPorts;
import io.trustedlaunch.process.Command;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The rules as a table of nftables of our own, which is replaced as a whole, in one transaction. */
public final class Nftables implements Firewall {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /**
     * Only connections that begin are rejected: the range is among the ports of clients, so replies to this host's own
     * connections come to it. Rejected instead of dropped: QEMU does not wait, and the port looks closed.
     */
    private static final String RULES = """
            add table inet trusted_launch
            delete table inet trusted_launch
            table inet trusted_launch {
                set sources4 {
                    type ipv4_addr
            %s    }
                set sources6 {
                    type ipv6_addr
            %s    }
                chain migrations {
                    type filter hook input priority filter - 10; policy accept;
                    tcp dport %s tcp flags & (syn | ack) == syn ip saddr != @sources4 reject with tcp reset
                    tcp dport %<s tcp flags & (syn | ack) == syn ip6 saddr != @sources6 reject with tcp reset
                }
            }
            """;

    private final List<String> command;

    public Nftables() {
        this(List.of("nft", "-f", "-"));
    }

    /** @param command reads the rules from its standard input */
    Nftables(List<String> command) {
        this.command = List.copyOf(command);
    }

    @Override
    public void admit(Set<InetAddress> sources) throws FirewallException {
        try {
            Command.Result result = new Command(command, rules(sources).getBytes(US_ASCII), LIMIT).run();
            if (!result.succeeded()) {
                throw new FirewallException("nft failed: " + (result.timedOut() ? "no answer" : result.outputTail()));
            }
        } catch (UncheckedIOException e) {
            throw new FirewallException(e.getMessage());
        }
    }

    static String rules(Set<InetAddress> sources) {
        return RULES.formatted(
                elements(sources, Inet4Address.class::isInstance),
                elements(sources, source -> !(source instanceof Inet4Address)),
                QemuPorts.FIRST + "-" + QemuPorts.LAST);
    }

    /** nftables has no form for an empty list. */
    private static String elements(Set<InetAddress> sources, Predicate<InetAddress> family) {
        String list = sources.stream()
                .filter(family)
                .map(Nftables::withoutInterface)
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
        return list.isEmpty() ? "" : "        elements = { " + list + " }\n";
    }

    private static String withoutInterface(InetAddress address) {
        return address.getHostAddress().replaceFirst("%.*", "");
    }
}
