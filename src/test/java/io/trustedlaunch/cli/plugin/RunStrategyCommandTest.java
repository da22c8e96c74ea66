package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a stop that is watched has ended. */
class RunStrategyCommandTest {
    private final RunStrategyCommand stop = new RunStrategyCommand.Stop();

    @Test
    void aStopIsDoneWhenTheGuestIsOff() {
        assertThat(stop.isDone(vm("True", "Running", "True"), 2)).isFalse();
        assertThat(stop.isDone(vm("False", "Stopping", "True"), 2)).isFalse();
        assertThat(stop.isDone(vm("False", "Stopping", "False"), 2)).isFalse();
        assertThat(stop.isDone(vm("True", "Halted", "False"), 2)).isTrue();
        assertThat(stop.isDone(vm("True", "Halted", "False"), 3)).isFalse();
    }

    /** It is off and never becomes ready. */
    @Test
    void aStopOfAVmWhoseKeyIsGoneEnds() {
        TrustedLaunchVM vm = vm("False", "Halted", "False");
        vm.getStatus().conditions().getFirst().setReason("KeyMissing");
        assertThat(stop.isDone(vm, 2)).isTrue();
    }

    @Test
    void aStartIsDoneWhenTheVmIsReady() {
        RunStrategyCommand start = new RunStrategyCommand.Start();
        assertThat(start.isDone(vm("False", "Starting", "False"), 2)).isFalse();
        assertThat(start.isDone(vm("True", "Running", "True"), 2)).isTrue();
        assertThat(start.isDone(vm("True", "Running", "True"), 3)).isFalse();
    }

    private static TrustedLaunchVM vm(String ready, String reason, String running) {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .observedGeneration(2L)
                .conditions(List.of(condition("Ready", ready, reason), condition("Running", running, reason)))
                .build());
        return vm;
    }

    private static Condition condition(String type, String status, String reason) {
        return new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withObservedGeneration(2L)
                .build();
    }
}
