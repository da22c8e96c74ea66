package io.trustedlaunch.agent.migration.ports;

import java.net.InetAddress;
import java.util.Set;

/** Remembers its rules, as a host's kernel does. */
public final class RecordingFirewall implements Firewall {
    private volatile Set<InetAddress> admitted = Set.of(InetAddress.getLoopbackAddress());
    private volatile boolean failing;

    @Override
    public void admit(Set<InetAddress> sources) throws FirewallException {
        if (failing) {
            throw new FirewallException("nft failed: no");
        }
        admitted = sources;
    }

    /** At first, an address of earlier. */
    public Set<InetAddress> admitted() {
        return admitted;
    }

    public void fail(boolean failingNow) {
        failing = failingNow;
    }
}
