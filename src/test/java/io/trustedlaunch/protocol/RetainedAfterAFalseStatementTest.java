package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.protocol.Host.Reach;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A host that lives was said to be dead, its VM runs elsewhere, is deleted with deletionPolicy Retain and taken over by another
 * VM. The guest on the first host has nothing left to write: it loses its power as soon as the host is heard.
 */
class RetainedAfterAFalseStatementTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b");
    private final Host a = cluster.host("host-a");

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void aGuestThatWasGivenAwayBeforeItsVmWasRetainedHasNoGracePeriod() {
        cluster.apply(VmScene.applied().retained().vm());
        cluster.settle();
        cluster.assertRunsOn("host-a");
        a.reach(Reach.NOTHING);
        cluster.faults.lie(a, false);
        cluster.rounds(12);
        assertThat(cluster.ledger.running(VM)).hasSize(2);

        cluster.users.delete();
        cluster.rounds(12);
        assertThat(cluster.vm()).as(cluster.description()).isEmpty();
        cluster.apply(VmScene.applied().restoring().vm());
        cluster.rounds(12);
        assertThat(cluster.status().nodeName()).isEqualTo("host-b");
        assertThat(cluster.ledger.running(VM)).hasSize(2);

        // It has no key, and cannot tell from the home.
        a.killAgent();
        a.reach(Reach.ALL);
        Set<Integer> gracePeriods = new HashSet<>();
        for (int pass = 0; pass < 5; pass++) {
            cluster.act(a);
            cluster.operate();
            cluster.incarnations().stream()
                    .map(VMIncarnation::getSpec)
                    .filter(spec -> spec.nodeName().equals("host-a"))
                    .forEach(spec -> gracePeriods.add(spec.terminationGracePeriodSeconds()));
            cluster.pass(Duration.ofSeconds(2));
        }

        assertThat(gracePeriods).as(cluster.description()).isSubsetOf(0);
        assertThat(cluster.ledger.running(VM))
                .as(cluster.description())
                .extracting(place -> place.host().name())
                .containsExactly("host-b");
    }
}
