package io.trustedlaunch.protocol;

import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Plays many schedules, each with a set of events that its seed gives; {@code bin/interleavings} runs it. Each seed is played
 * with one folder for all hosts and with one each. Prints each schedule that fails, and how many succeeded.
 */
final class Interleavings {
    private static final int REPORTED = 100;
    private static final int DEEPEST = 12;

    /** Names of sets or events; empty: by the seed, all that leaves data alone or not, with scenes, with lies, or with beacons and clocks that are disturbed power that is cut, VMs that are restored or data disks that change as well. */
    private static final String EVENTS = System.getProperty("events", "");

    private static final boolean TELLS = Boolean.getBoolean("tells");

    private static final List<Folders> FOLDERS = Stream.of(Folders.values())
            .filter(folders -> folders.name().equals(System.getProperty("folders", folders.name())))
            .toList();

    private Interleavings() {}

    /** @param args the first seed, the number of schedules, which part of them this process plays, and the number of parts */
    public static void main(String[] args) {
        long first = Long.parseLong(args[0]);
        int schedules = Integer.parseInt(args[1]);
        int failed = 0;
        int played = 0;
        for (int schedule = Integer.parseInt(args[2]); schedule < schedules; schedule += Integer.parseInt(args[3])) {
            Folders folders = FOLDERS.get(schedule % FOLDERS.size());
            long seed = first + schedule / FOLDERS.size();
            played++;
            if (!succeeds(folders, seed)) {
                failed++;
            }
            if (played % REPORTED == 0) {
                System.out.println(played + " so far, " + failed + " failed");
            }
        }
        System.out.println(played + " schedules played, " + failed + " failed");
        System.exit(failed == 0 ? 0 : 1);
    }

    private static boolean succeeds(Folders folders, long seed) {
        try {
            MigrationsUnderFaultsTest.play(folders, seed, events(seed));
            return true;
        } catch (AssertionError | RuntimeException e) {
            System.out.println("FAILED: seed " + seed + ", " + folders + ": "
                    + (TELLS ? e : e.toString().lines().findFirst().orElse("")));
            if (TELLS && e instanceof RuntimeException) {
                Stream.of(e.getStackTrace()).limit(DEEPEST).forEach(at -> System.out.println("    at " + at));
            }
            return false;
        }
    }

    private static Set<Event> events(long seed) {
        if (!EVENTS.isEmpty()) {
            return Event.named(EVENTS);
        }
        return switch ((int) (seed % 8)) {
            case 0 -> Event.ALL;
            case 1 -> Event.ADMINISTERED;
            case 2 -> Event.SCENES;
            case 3 -> Event.DISTURBED;
            case 4 -> Event.POWER_FENCED;
            case 5 -> Event.RESTORED;
            case 6 -> Event.CHANGED;
            default -> Event.WITH_LIES;
        };
    }
}
