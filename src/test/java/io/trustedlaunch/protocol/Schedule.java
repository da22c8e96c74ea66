package io.trustedlaunch.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Events in a random order, the same for the same seed; what was promised is checked after each. */
final class Schedule {
    private static final int SHOWN = Integer.getInteger("shown", 40);

    private final ClusterUnderTest cluster;
    private final Random random;
    private final List<Event> lots = new ArrayList<>();
    private final List<String> story = new ArrayList<>();
    private final EventPlayer player;
    private String shown = "";

    Schedule(ClusterUnderTest cluster, Set<Event> events, Random random) {
        this.cluster = cluster;
        this.random = random;
        events.stream().sorted().forEach(event -> {
            for (int lot = 0; lot < event.weight(); lot++) {
                lots.add(event);
            }
        });
        this.player = new EventPlayer(cluster, random, this);
    }

    void play(int events) {
        try {
            for (int event = 0; event < events; event++) {
                next();
            }
            player.rest();
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "\n" + told(), e);
        }
    }

    /** One event. */
    void next() {
        Event event = lots.get(random.nextInt(lots.size()));
        String what = player.happen(event);
        if (!what.isEmpty()) {
            tell(event + " " + what);
        }
        cluster.network.react();
        cluster.check();
        if (QuietLogs.TRACE) {
            showChanges();
        }
    }

    private void showChanges() {
        String now = cluster.description();
        if (!now.equals(shown)) {
            shown = now;
            System.out.println(now.indent(8));
        }
    }

    Administration administration() {
        return player.administration();
    }

    void tell(String what) {
        story.add(what);
        if (QuietLogs.TRACE) {
            System.out.println(story.size() + " " + what);
        }
    }

    /** The last events and what there is, for messages. */
    String told() {
        int from = Math.max(0, story.size() - SHOWN);
        return String.join("\n", story.subList(from, story.size())) + "\n" + cluster.description();
    }
}
