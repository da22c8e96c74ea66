package io.trustedlaunch.operator.vm.facts;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMIncarnationSpec.FormerCluster;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClaimFactsTest {
    @Test
    void aVmOfThisClusterHasEpochsOfThisCluster() {
        ClaimFacts claims = new ClaimFacts("this", Optional.of(home("this")));

        assertThat(claims.clusterOf(1)).isEqualTo("this");
        assertThat(claims.recoveredFrom()).isEmpty();
    }

    @Test
    void aVmThatNeverRanHasEpochsOfThisCluster() {
        assertThat(new ClaimFacts("this", Optional.empty()).clusterOf(1)).isEqualTo("this");
    }

    /** Its guest may still run as the last epoch of the cluster that was lost. */
    @Test
    void aVmThatWasRecoveredHasEpochsOfTheFormerClusterUpToTheOneOnRecord() {
        ClaimFacts claims = new ClaimFacts("this", Optional.of(home("former")));

        assertThat(claims.recoveredFrom()).contains(new FormerCluster("former", 5L));
        assertThat(claims.clusterOf(5)).isEqualTo("former");
        assertThat(claims.clusterOf(6)).isEqualTo("this");
    }

    /** As in a backup of a VM that had no home on record. */
    @Test
    void aHomeOfNoKnownClusterIsOfThisOne() {
        assertThat(new ClaimFacts("this", Optional.of(home(null))).recoveredFrom())
                .isEmpty();
    }

    private static Home home(String cluster) {
        return new Home("default", "host-a", 5L, false, cluster);
    }
}
