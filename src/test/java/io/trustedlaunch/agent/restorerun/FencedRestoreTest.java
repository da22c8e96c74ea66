package io.trustedlaunch.agent.restorerun;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.incarnation.FenceCheck;
import io.trustedlaunch.api.RestoreRunSpec;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * A restore moves a VM's disks aside. If the VM is over on another node only because that is proved dead, the agent checks the
 * same fences as before a start: otherwise it does so under a guest that was falsely said to be dead.
 */
class FencedRestoreTest {
    @Test
    void aRestoreRunNamesTheFencesThatItReliesOn() {
        assertThat(Arrays.stream(RestoreRunSpec.class.getRecordComponents()).map(RecordComponent::getName))
                .contains("afterFences");
    }

    @Test
    void theAgentThatRestoresChecksFences() {
        assertThat(Arrays.stream(RestoreWiring.class.getRecordComponents()).map(RecordComponent::getType))
                .anyMatch(FenceCheck.class::isAssignableFrom);
    }
}
