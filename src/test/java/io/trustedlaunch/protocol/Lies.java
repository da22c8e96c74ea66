package io.trustedlaunch.protocol;

import java.time.Duration;
import java.util.List;
import java.util.Random;

/** A host that lives, and is said to be dead. */
record Lies(Faults faults, Random random) {
    /** Longer than another node's agent watches a beacon, and takes to start the VM. */
    private static final int ROUNDS_UNTIL_BELIEVED = 10;

    void happen(Event event, Host host) {
        switch (event) {
            case HOST_IS_CUT_OFF -> cutOff(host);
            case HOST_IS_BACK -> {
                host.freeze(false);
                host.reach(Host.Reach.ALL);
            }
            case WORD_IS_FALSE -> faults.lie(host, random.nextBoolean());
            default -> {
                cutOff(host);
                if (random.nextInt(3) == 0) {
                    host.killAgent();
                }
                faults.lie(host, random.nextBoolean());
            }
        }
    }

    /**
     * All is well, and the host of the VM is cut off, and said to be dead until that is believed. An agent that is restarted
     * before it is heard has no key, and cannot tell from the home.
     *
     * @return whether there was one
     */
    boolean tellOneMore(ClusterUnderTest cluster) {
        if (!cluster.sharesFolder() || cluster.runningOn().isEmpty()) {
            return false;
        }
        // A failover before that would be one too many.
        cluster.pass(Duration.ofHours(1));
        cluster.rounds(3);
        cluster.ledger.work();
        Host host = cluster.host(cluster.status().nodeName());
        host.reach(Host.Reach.NOTHING);
        if (random.nextBoolean()) {
            host.killAgent();
        }
        faults.lie(host, random.nextBoolean());
        cluster.rounds(ROUNDS_UNTIL_BELIEVED);
        return true;
    }

    private void cutOff(Host host) {
        List<Host.Reach> all = List.of(Host.Reach.values());
        host.reach(all.get(random.nextInt(all.size())));
        host.freeze(host.reach() == Host.Reach.ALL);
    }
}
