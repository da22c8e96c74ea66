package io.trustedlaunch.agent.migration.ports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MigrationPortsTest {
    private static final InetAddress HOST_A = InetAddress.getLoopbackAddress();

    private final RecordingFirewall firewall = new RecordingFirewall();
    private final MigrationPorts ports = new MigrationPorts(firewall);

    @Test
    void theyAreClosedUntilASourceIsExpected() {
        assertThat(ports.secure()).isEmpty();

        assertThat(firewall.admitted()).isEmpty();
    }

    @Test
    void theyAreOpenToASourceUntilItsLastMigrationEnds() throws FirewallException {
        MigrationPorts.Opening first = ports.openTo(HOST_A);
        try (MigrationPorts.Opening second = ports.openTo(HOST_A)) {
            first.close();
            assertThat(firewall.admitted()).containsExactly(HOST_A);
        }
        assertThat(firewall.admitted()).isEmpty();
    }

    @Test
    void rulesThatOthersRemovedAreWrittenAgain() throws FirewallException {
        try (MigrationPorts.Opening opening = ports.openTo(HOST_A)) {
            firewall.admit(Set.of());

            ports.secure();

            assertThat(firewall.admitted()).containsExactly(HOST_A);
        }
    }

    @Test
    void aSourceThatCouldNotBeAdmittedIsNotAdmittedLater() throws FirewallException {
        firewall.fail(true);
        assertThatThrownBy(() -> ports.openTo(HOST_A)).isInstanceOf(FirewallException.class);
        assertThat(ports.secure()).hasValue("nft failed: no");

        firewall.fail(false);
        assertThat(ports.secure()).isEmpty();

        assertThat(firewall.admitted()).isEmpty();
    }

    @Test
    void portsThatCouldNotBeClosedAreClosedByTheNextPass() throws FirewallException {
        MigrationPorts.Opening opening = ports.openTo(HOST_A);
        firewall.fail(true);
        opening.close();
        assertThat(firewall.admitted()).containsExactly(HOST_A);

        firewall.fail(false);
        ports.secure();

        assertThat(firewall.admitted()).isEmpty();
    }
}
