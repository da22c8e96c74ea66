package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.protocol.GuestLedger.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The guests that run, each since it began: beside which other, and with which folder. */
final class RunningGuests {
    private static final Duration STILL = Duration.ofMinutes(2);

    /** Longer than from one beat of an agent that reaches its storage to the next. */
    private static final Duration A_BEAT = Duration.ofSeconds(45);

    private final VirtualClock clock;
    private final Set<Host> deceived = new HashSet<>();
    /** By guest, its disk when it began. Hosts that stand still have not forgotten theirs. */
    private final Map<Place, Optional<Object>> known = new HashMap<>();

    private final Set<UUID> deleted = new HashSet<>();

    private final Set<Place> leftOver = new HashSet<>();

    private Set<Host> provedOff = Set.of();

    RunningGuests(VirtualClock clock) {
        this.clock = clock;
    }

    void deceivedAbout(Host host) {
        deceived.add(host);
    }

    /** Of hosts that have power, their management controllers say now that they have none, and are believed. */
    void provedOff(Set<Host> hosts) {
        provedOff = Set.copyOf(hosts);
    }

    /** What runs there besides a later guest is left over. Nothing else may begin beside what it has. */
    void lieIsOver(Host host) {
        deceived.remove(host);
    }

    Set<Host> deceived() {
        return Set.copyOf(deceived);
    }

    /** What it has goes, also under a guest whose host is falsely said to be dead and stands still. */
    void deletedOnPurpose(UUID vm) {
        deleted.add(vm);
    }

    /** A later guest of its VM began elsewhere, or its VM was removed, while it was falsely said to be dead, and rightly so. */
    boolean isLeftOver(Place place) {
        return leftOver.contains(place);
    }

    /** It has begun here, and not ended since. */
    boolean isKnown(Place place) {
        return known.containsKey(place);
    }

    void check(List<Place> running) {
        running.stream()
                .filter(place -> !isKnown(place))
                .sorted(Comparator.comparing(place -> place.domain().epoch()))
                .forEach(this::begins);
        forgetEnded();
        known.keySet().stream().filter(this::isRightlyRemoved).forEach(leftOver::add);
        running.stream().filter(place -> !isLeftOver(place)).forEach(place -> {
            assertIsOnlyOne(place);
            assertHasFolder(place);
        });
    }

    /** Its files are those of a backup now. A guest that has them open is left over, as one beside which another begins. */
    void restored(UUID vm) {
        leaveOver(vm, Long.MAX_VALUE);
    }

    private void leaveOver(UUID vm, long before) {
        known.keySet().stream()
                .filter(other -> other.domain().vm().equals(vm))
                .filter(other -> other.domain().epoch() < before)
                .filter(other -> isForgiven(other.host()))
                .forEach(leftOver::add);
    }

    private void begins(Place place) {
        leaveOver(place.domain().vm(), place.domain().epoch());
        known.put(place, disk(place));
    }

    /** Power needs no proof, but a beacon that moves contradicts it. */
    private boolean isForgiven(Host host) {
        return (provedOff.contains(host) && standsStill(host, A_BEAT))
                || (deceived.contains(host) && standsStill(host));
    }

    private void assertIsOnlyOne(Place place) {
        known.keySet().stream()
                .filter(other -> !other.equals(place) && !isLeftOver(other))
                .filter(other -> other.domain().vm().equals(place.domain().vm()))
                .filter(other -> other.domain().epoch() <= place.domain().epoch())
                .filter(RunningGuests::runs)
                .forEach(other -> assertThat(List.of(place, other))
                        .as("a second guest runs, " + place + " besides " + other + whyNot(other.host()))
                        .isEmpty());
    }

    private String whyNot(Host host) {
        if (!deceived.contains(host)) {
            return ", whose host nobody says to be dead any more";
        }
        return standsStill(host) ? ", of whose host nobody said so when it began" : ", whose beacon moves";
    }

    /** Those that ended since. A guest whose migration fails goes on where it was. */
    private void forgetEnded() {
        known.keySet().removeIf(place -> !exists(place));
        leftOver.retainAll(known.keySet());
    }

    private boolean standsStill(Host host) {
        return standsStill(host, STILL);
    }

    private boolean standsStill(Host host, Duration time) {
        return host.lastBeaconNanos().isEmpty()
                || clock.nanoTime() - host.lastBeaconNanos().getAsLong() >= time.toNanos();
    }

    private static boolean exists(Place place) {
        return domain(place).isPresent();
    }

    /** Or its host stands still, and it goes on later. */
    private static boolean runs(Place place) {
        return domain(place).filter(domain -> GuestLedger.runs(domain.state())).isPresent();
    }

    private static Optional<DomainInfo> domain(Place place) {
        return place.host().hypervisor().domains().stream()
                .filter(domain -> place.host().isOn() && domain.identity().equals(place.domain()))
                .findFirst();
    }

    /** Its folder went just now, with its VM. */
    private boolean isRightlyRemoved(Place place) {
        return deleted.contains(place.domain().vm())
                && deceived.contains(place.host())
                && standsStill(place.host())
                && !disk(place).equals(known.get(place));
    }

    private void assertHasFolder(Place place) {
        assertThat(disk(place))
                .as("the disk of " + place + ", in the folder with which it began")
                .isPresent()
                .isEqualTo(known.get(place));
    }

    private static Optional<Object> disk(Place place) {
        Path disk = new HomeView(place.host(), place.domain().vm()).disk();
        try {
            return Files.exists(disk)
                    ? Optional.of(Files.readAttributes(disk, BasicFileAttributes.class)
                            .fileKey())
                    : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
