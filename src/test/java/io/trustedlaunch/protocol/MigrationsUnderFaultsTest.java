package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.vm.DeletionPolicy;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two or three VMs start, stop and migrate between three hosts, while operators and agents die, links are cut, messages are lost, users
 * change their minds and the API server is restored from a backup. A seed is a schedule, the same each time.
 */
class MigrationsUnderFaultsTest {
    private static final int SCHEDULES = Integer.getInteger("schedules", 2);
    private static final long FIRST = Long.getLong("first", 0);
    private static final int EVENTS = 300;

    /** Some of which take as long as many others. */
    private static final int EVENTS_WITH_SCENES = 100;

    /** The VMs of a schedule, beside the first one. */
    private static final List<String> OTHERS = List.of("ledger", "web");

    static Stream<Arguments> schedules() {
        return Stream.of(Folders.values())
                .filter(folders -> Optional.ofNullable(System.getProperty("folders"))
                        .map(folders.name()::equals)
                        .orElse(true))
                .flatMap(folders ->
                        LongStream.range(FIRST, FIRST + SCHEDULES).mapToObj(seed -> Arguments.of(folders, seed)));
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void oneGuestAtMostRunsAndLosesNothingAndAllEndsWell(Folders folders, long seed) {
        play(folders, seed, Event.ORDINARY);
    }

    static void play(Folders folders, long seed, Set<Event> events) {
        boolean hasScenes = events.stream().anyMatch(Event::isScene);
        play(folders, seed, events, Integer.getInteger("happen", hasScenes ? EVENTS_WITH_SCENES : EVENTS));
    }

    static void play(Folders folders, long seed, Set<Event> events, int count) {
        QuietLogs.during(() -> playAndEnd(folders, seed, events, count));
    }

    /**
     * Within ten seconds after all hosts are heard again, each lie is told, and one guest is left. Within twenty if the API
     * server's data was restored as well: the operator must learn first where the VM is.
     */
    private static void endLies(ClusterUnderTest cluster) {
        cluster.faults.reachAll();
        int rounds = cluster.faults.wasRestored() ? 10 : 5;
        for (int round = 0; round < rounds; round++) {
            cluster.round(Duration.ofSeconds(2));
        }
        cluster.forEachVm(() -> assertThat(cluster.ledger.running(cluster.identity()))
                .as("guests of one VM that are left of a lie")
                .hasSizeLessThan(2));
        assertThat(cluster.faults.areAllLiesTold())
                .as("no NodeFence proves a host dead that is heard")
                .isTrue();
    }

    private static void endWell(ClusterUnderTest cluster, Schedule schedule) {
        cluster.faults.heal();
        createThoseThatAreGone(cluster, schedule);
        cluster.forEachVm(() -> cluster.users.changeStrategy(RunStrategy.Always));
        cluster.settle();
        while (cluster.users.nameDisks()) {
            cluster.settle();
        }
        cluster.forEachVm(() -> runsWell(cluster));
    }

    /** Or being deleted. */
    private static void createThoseThatAreGone(ClusterUnderTest cluster, Schedule schedule) {
        if (cluster.areAllThere()) {
            return;
        }
        cluster.settle();
        cluster.forEachVm(() -> {
            if (cluster.vm().isEmpty()) {
                schedule.administration().create();
            }
        });
    }

    private static void runsWell(ClusterUnderTest cluster) {
        Remedies remedies = new Remedies(cluster);
        remedies.giveUp();
        if (remedies.isKeyLost()) {
            cluster.runningOn()
                    .ifPresent(
                            node -> assertThat(node).isEqualTo(cluster.status().nodeName()));
        } else if (remedies.areNeeded()) {
            remedies.apply();
        } else {
            cluster.assertRunsAsRecorded();
        }
        cluster.assertMigrationsHaveEnded();
    }

    private static void endAll(ClusterUnderTest cluster) {
        Map<String, UUID> vms = new TreeMap<>();
        cluster.forEachVm(() -> {
            vms.put(cluster.name(), cluster.identity());
            cluster.users.edit(spec -> spec.deletionPolicy(DeletionPolicy.Delete));
            cluster.users.delete();
        });
        cluster.settle();
        cluster.forEachVm(() -> cluster.users.assertNothingIsLeft(vms.get(cluster.name())));
    }

    private static void playAndEnd(Folders folders, long seed, Set<Event> events, int count) {
        try (ClusterUnderTest cluster = new ClusterUnderTest(folders, "host-a", "host-b", "host-c")) {
            Random random = new Random(seed);
            cluster.start();
            OTHERS.subList(0, 1 + random.nextInt(OTHERS.size())).forEach(cluster::startAnother);
            cluster.operators.add();
            cluster.power.watch();
            Schedule schedule = new Schedule(cluster, events, random);
            schedule.play(count);
            boolean isLiedTo = events.contains(Event.WORD_IS_FALSE);
            try {
                if (isLiedTo) {
                    endLies(cluster);
                }
                DeadHosts deadHosts = new DeadHosts(cluster, random, schedule::tell);
                boolean areWordsTrue = events.contains(Event.NODE_IS_FENCED) && !isLiedTo;
                if (areWordsTrue) {
                    createThoseThatAreGone(cluster, schedule);
                    deadHosts.failOver();
                }
                endWell(cluster, schedule);
                if (areWordsTrue && deadHosts.loseOneMore()) {
                    endWell(cluster, schedule);
                }
                if (isLiedTo && new Lies(cluster.faults, random).tellOneMore(cluster)) {
                    schedule.tell("one more lie was believed");
                    endLies(cluster);
                    endWell(cluster, schedule);
                }
                endAll(cluster);
            } catch (AssertionError e) {
                throw new AssertionError(e.getMessage() + "\n" + schedule.told(), e);
            }
        }
    }
}
