package io.trustedlaunch.agent.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.gueststate.HomeFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class EnrolledArrivalsTest {
    private static final UUID VM = UUID.fromString("7c0a2a1e-5f1f-4d9c-9b40-3f5c7d1e2a6b");

    private final List<String> lookedUp = new ArrayList<>();
    private boolean enrolled = true;
    private final EnrolledArrivals arrivals = new EnrolledArrivals(new FromHostA(), node -> {
        lookedUp.add(node);
        return enrolled;
    });

    /** Expects a guest from host-a. */
    private static final class FromHostA implements Arrivals {
        @Override
        public Optional<String> refusal(String fromNode, UUID vm, long epoch) {
            return fromNode.equals("host-a") ? Optional.empty() : Optional.of("none is expected");
        }

        @Override
        public Optional<String> home(String fromNode, UUID vm, long epoch, List<HomeFile> files) {
            return refusal(fromNode, vm, epoch);
        }

        @Override
        public Optional<String> left(String fromNode, UUID vm, long epoch) {
            return refusal(fromNode, vm, epoch);
        }

        @Override
        public Optional<String> taken(String fromNode, UUID vm, long epoch) {
            return refusal(fromNode, vm, epoch);
        }
    }

    @Test
    void noGuestArrivesFromANodeThatIsNotEnrolled() {
        assertThat(arrivals.refusal("host-a", VM, 2)).isEmpty();

        enrolled = false;
        assertThat(arrivals.refusal("host-a", VM, 2))
                .hasValue("host-a is not enrolled: to let it run VMs, run kubectl tlvm node approve host-a");
    }

    @Test
    void aGuestThatHasLeftARevokedNodeIsNotStranded() {
        enrolled = false;

        assertThat(arrivals.left("host-a", VM, 2)).isEmpty();
        assertThat(arrivals.home("host-a", VM, 2, List.of())).isEmpty();
        assertThat(arrivals.taken("host-a", VM, 2)).isEmpty();
    }

    @Test
    void aNodeThatNoGuestIsExpectedFromCausesNoRequest() {
        assertThat(arrivals.refusal("host-c", VM, 2)).hasValue("none is expected");
        assertThat(lookedUp).isEmpty();
    }
}
