package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharedConnectionTest {
    private final List<String> closed = new ArrayList<>();
    private final SharedConnection<String> shared = new SharedConnection<>("connection", closed::add);

    @Test
    void aLostConnectionIsClosedAtOnceIfItIsNotInUse() {
        shared.use(connection -> connection);

        shared.closeWhenUnused();

        assertThat(closed).containsExactly("connection");
    }

    @Test
    void aLostConnectionIsClosedOnceAndOnlyAfterTheLastCallHasEnded() {
        shared.use(first -> {
            shared.use(second -> {
                shared.closeWhenUnused();
                shared.closeWhenUnused();
                assertThat(closed).as("while two calls use it").isEmpty();
                return second;
            });
            assertThat(closed).as("while one call uses it").isEmpty();
            return first;
        });

        assertThat(closed).containsExactly("connection");
    }

    @Test
    void aCallThatFailsDoesNotKeepTheConnectionOpen() {
        assertThatThrownBy(() -> shared.use(connection -> {
                    throw new IllegalStateException("libvirtd is gone");
                }))
                .hasMessage("libvirtd is gone");

        shared.closeWhenUnused();

        assertThat(closed).containsExactly("connection");
    }

    @Test
    void aClosedConnectionIsUnavailable() {
        shared.closeWhenUnused();

        assertThatThrownBy(() -> shared.use(connection -> connection))
                .isInstanceOfSatisfying(
                        HypervisorException.class,
                        thrown -> assertThat(thrown.failure()).isInstanceOf(HypervisorFailure.Unavailable.class));
    }
}
