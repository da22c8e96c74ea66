package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.VtpmState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VtpmWatchTest {
    private static final UUID VM = UUID.randomUUID();
    private static final VtpmState RESPONDING = new VtpmState.Responding();
    private static final VtpmState ENDED = new VtpmState.Ended();
    private static final VtpmState UNKNOWN = new VtpmState.Unknown();

    private final List<UUID> changed = new ArrayList<>();
    private Optional<VtpmState> observed = Optional.of(RESPONDING);
    private int looks;

    private final VtpmWatch watch = new VtpmWatch(
            (vm, id) -> {
                looks++;
                return observed;
            },
            changed::add);

    @AfterEach
    void close() {
        watch.close();
    }

    @Test
    void theFirstLookCountsAtOnce() {
        assertThat(watch.of(VM, 1)).isEqualTo(UNKNOWN);

        look(ENDED);

        assertThat(watch.of(VM, 1)).isEqualTo(ENDED);
        assertThat(changed).containsExactly(VM);
    }

    @Test
    void aChangeCountsWhenItWasSeenTwiceAndIsReportedOnce() {
        watchOne();

        look(ENDED);
        assertThat(watch.of(VM, 1)).isEqualTo(RESPONDING);
        assertThat(changed).isEmpty();

        look(ENDED);
        look(ENDED);
        assertThat(watch.of(VM, 1)).isEqualTo(ENDED);
        assertThat(changed).containsExactly(VM);

        look(RESPONDING);
        look(RESPONDING);
        assertThat(watch.of(VM, 1)).isEqualTo(RESPONDING);
        assertThat(changed).containsExactly(VM, VM);
    }

    @Test
    void aMomentsFailureIsNone() {
        watchOne();

        look(ENDED);
        look(RESPONDING);
        look(ENDED);

        assertThat(watch.of(VM, 1)).isEqualTo(RESPONDING);
        assertThat(changed).isEmpty();
    }

    @Test
    void theNextDomainOfAVmHasAnotherTpm() {
        watchOne();
        look(ENDED);
        look(ENDED);

        assertThat(watch.of(VM, 2)).isEqualTo(UNKNOWN);
    }

    @Test
    void aDomainThatHasEndedIsNoLongerLookedAt() {
        watchOne();
        observed = Optional.empty();
        watch.look();
        int before = looks;

        watch.look();

        assertThat(looks).isEqualTo(before);
        assertThat(changed).isEmpty();
    }

    private void watchOne() {
        watch.of(VM, 1);
        look(RESPONDING);
        changed.clear();
    }

    private void look(VtpmState state) {
        observed = Optional.of(state);
        watch.look();
    }
}
