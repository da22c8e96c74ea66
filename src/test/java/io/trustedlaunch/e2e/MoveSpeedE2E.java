package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationStatus.Phase;
import io.trustedlaunch.operator.kube.Conditions;
import io.trustedlaunch.testkit.GuestWatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What our moves take beside those of plain libvirt in the same run: figures, of which none is held. */
@Tag("campaign")
class MoveSpeedE2E {
    private static final int ROUNDS = Integer.getInteger("speed.rounds", 7);
    private static final int VMS = Integer.getInteger("speed.vms", 6);
    private static final String MEMORY = System.getProperty("speed.memory", "512Mi");

    /** Always at work, so that a pause is seen; in so little memory that it is soon on the other side. */
    private static final String BUSY = "dirty 2";

    /** As a drain does by default. */
    private static final int AT_ONCE = 2;

    private record Move(Duration took, Duration stoodStill) {}

    @Test
    void movesOfOneGuest() {
        try (Stage stage = Stage.open("speed")) {
            MovingGuest ours = MovingGuest.start(stage, stage.vm("ours").memory(MEMORY), BUSY);
            List<Move> oursMoved = new ArrayList<>();
            try (GuestWatch watch = GuestWatch.of(stage.lab, ours.uid())) {
                for (int i = 0; i < ROUNDS; i++) {
                    oursMoved.add(moved("ours", watch, () -> move(stage, ours)));
                    ours.awaitSettled();
                    ours.awaitMigratable();
                }
            }
            List<Move> plainMoved = new ArrayList<>();
            try (PlainGuest plain = PlainGuest.copyOf(stage, ours)) {
                stage.delete("ours");
                stage.awaitGone("ours", ours.uid());
                plain.start();
                plain.awaitCounting();
                try (GuestWatch watch = GuestWatch.of(stage.lab, plain.uid())) {
                    for (int i = 0; i < ROUNDS; i++) {
                        plainMoved.add(moved("virsh migrate --tls", watch, plain::migrate));
                    }
                }
            }
            System.out.printf(
                    Locale.ROOT,
                    "SPEED %s of memory: ours %d ms, virsh migrate --tls %d ms, ratio %.2f;"
                            + " longest pause: ours %d ms, virsh %d ms (medians of %d)%n",
                    MEMORY,
                    median(oursMoved, Move::took),
                    median(plainMoved, Move::took),
                    (double) median(oursMoved, Move::took) / median(plainMoved, Move::took),
                    median(oursMoved, Move::stoodStill),
                    median(plainMoved, Move::stoodStill),
                    ROUNDS);
        }
    }

    @Test
    void aDrainOfSeveral() {
        try (Stage stage = Stage.open("drain")) {
            String away = stage.lab.hosts().getLast();
            maintain(stage, away, Maintenance.Cordon);
            List<MovingGuest> guests = IntStream.range(0, VMS)
                    .mapToObj(i -> MovingGuest.startCounting(stage, "guest-" + i))
                    .toList();
            maintain(stage, away, Maintenance.None);
            guests.forEach(MovingGuest::awaitMigratable);
            String drained = guests.getFirst().host();
            List<PlainGuest> plain = guests.stream()
                    .map(guest -> PlainGuest.copyOf(stage, guest))
                    .toList();
            try {
                long begin = System.nanoTime();
                maintain(stage, drained, Maintenance.Drain);
                await(drained + " to be drained")
                        .atMost(Stage.PATIENCE)
                        .pollInterval(Duration.ofMillis(50))
                        .until(() -> isDrained(stage, drained));
                Duration ours = Duration.ofNanos(System.nanoTime() - begin);
                maintain(stage, drained, Maintenance.None);
                IntStream.range(0, VMS).forEach(i -> stage.delete("guest-" + i));
                IntStream.range(0, VMS)
                        .forEach(
                                i -> stage.awaitGone("guest-" + i, guests.get(i).uid()));
                plain.forEach(PlainGuest::start);
                plain.forEach(PlainGuest::awaitCounting);
                begin = System.nanoTime();
                migrateAll(plain);
                Duration byHand = Duration.ofNanos(System.nanoTime() - begin);
                System.out.printf(
                        Locale.ROOT,
                        "SPEED drain of %d VMs, %d at once: ours %d ms, virsh migrate --tls of the same %d ms, ratio %.2f%n",
                        VMS,
                        AT_ONCE,
                        ours.toMillis(),
                        byHand.toMillis(),
                        (double) ours.toMillis() / byHand.toMillis());
            } finally {
                maintain(stage, drained, Maintenance.None);
                plain.forEach(PlainGuest::close);
            }
        }
    }

    private static Move moved(String who, GuestWatch watch, Runnable move) {
        watch.longestPause();
        long begin = System.nanoTime();
        move.run();
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        Move moved = new Move(took, watch.longestPause());
        System.out.println("SPEED " + who + ": " + moved);
        assertThat(watch.twoAtOnce()).isEmpty();
        return moved;
    }

    /** Until it is told as done, the guest running there. */
    private static void move(Stage stage, MovingGuest guest) {
        VMMigration asked = guest.ask();
        await("the move to end")
                .atMost(Stage.PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> stage.client.resource(asked).get().getStatus(),
                        now -> now != null && now.endedAt() != null && now.phase() == Phase.Succeeded);
    }

    private static void migrateAll(List<PlainGuest> guests) {
        try (ExecutorService hands = Executors.newFixedThreadPool(AT_ONCE)) {
            for (Future<?> done :
                    guests.stream().map(guest -> hands.submit(guest::migrate)).toList()) {
                done.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static boolean isDrained(Stage stage, String node) {
        return Conditions.find(
                        stage.client
                                .resources(ClusterNode.class)
                                .withName(node)
                                .get()
                                .getStatus()
                                .conditions(),
                        ConditionType.Drained)
                .filter(condition -> condition.getStatus().equals("True"))
                .isPresent();
    }

    private static void maintain(Stage stage, String node, Maintenance maintenance) {
        stage.client
                .resources(ClusterNode.class)
                .withName(node)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"maintenance\": \"" + maintenance + "\"}}");
    }

    private static long median(List<Move> moves, java.util.function.Function<Move, Duration> figure) {
        return moves.stream()
                .map(figure)
                .mapToLong(Duration::toMillis)
                .sorted()
                .skip(moves.size() / 2)
                .findFirst()
                .orElseThrow();
    }
}
