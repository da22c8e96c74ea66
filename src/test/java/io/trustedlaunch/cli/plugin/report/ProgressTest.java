package io.trustedlaunch.cli.plugin.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.cli.plugin.report.Progress.State;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ProgressTest {
    @Test
    void anOperationIsDoneWhenItsConditionIsTrue() {
        assertThat(Progress.of(vm(), Optional.of(condition("False", 2)), 2))
                .isEqualTo(new Progress("payroll: Tested (a message)", OptionalInt.empty(), State.Ongoing));
        assertThat(Progress.of(vm(), Optional.of(condition("True", 2)), 2).state())
                .isEqualTo(State.Done);
    }

    @Test
    void aConditionOfAnOlderGenerationIsIgnored() {
        assertThat(Progress.of(vm(), Optional.of(condition("True", 1)), 2))
                .isEqualTo(new Progress("payroll: waiting for the operator", OptionalInt.empty(), State.Ongoing));
    }

    private static TrustedLaunchVM vm() {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(new ObjectMetaBuilder().withName("payroll").build());
        return vm;
    }

    private static Condition condition(String status, long generation) {
        return new ConditionBuilder()
                .withType("Ready")
                .withStatus(status)
                .withReason("Tested")
                .withMessage("a message")
                .withObservedGeneration(generation)
                .build();
    }
}
