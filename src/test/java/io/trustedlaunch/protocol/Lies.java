package io.trustedlaunch.protocol;

import java.util.List;
import java.util.Random;

/** A host that lives, and is said to be dead. */
record Lies(Faults faults, Random random) {
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

    private void cutOff(Host host) {
        List<Host.Reach> all = List.of(Host.Reach.values());
        host.reach(all.get(random.nextInt(all.size())));
        host.freeze(host.reach() == Host.Reach.ALL);
    }
}
