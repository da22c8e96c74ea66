package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Operation;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.GuestInfo;
import io.trustedlaunch.api.vm.GuestInfo.Agent;
import io.trustedlaunch.api.vm.GuestInfo.FileSystem;
import io.trustedlaunch.api.vm.GuestInfoBuilder;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a guest says of itself, and how often it is written. */
class SaidByTheGuestTest extends OneHost {
    private static final Duration RESYNC = Duration.ofSeconds(30);

    private static GuestInfo said(String hostName, int used) {
        return GuestInfoBuilder.builder()
                .agent(new Agent(true, "7.2.0"))
                .hostName(hostName)
                .fileSystems(List.of(new FileSystem("/", "ext4", 1L << 34, used)))
                .build();
    }

    private GuestInfo reported() {
        return world.status(incarnation).guest();
    }

    private int writesIn(Duration time) {
        int before = world.server.written().size();
        for (Duration past = Duration.ZERO; past.compareTo(time) < 0; past = past.plus(RESYNC)) {
            world.later(RESYNC);
            world.pass(incarnation);
        }
        return world.server.written().size() - before;
    }

    @Test
    void aGuestAgentThatAnswersIsReportedWithTheAddresses() throws UnknownHostException {
        world.pass(incarnation);
        world.hypervisor.setAddresses(VM, "52:54:00:12:34:56", InetAddress.getByAddress(new byte[] {10, 0, 42, 17}));
        world.hypervisor.setGuestInfo(VM, said("payroll", 43));

        world.pass(incarnation);

        assertThat(phases()).containsExactly(Phase.Prepared, Phase.Running, Phase.Running);
        assertThat(reported())
                .isEqualTo(said("payroll", 40).reportedAt(world.now().toString()));
    }

    @Test
    void anIdleGuestWritesNothing() {
        world.pass(incarnation);
        assertThat(writesIn(Duration.ofHours(1))).as("without a guest agent").isZero();

        world.hypervisor.setGuestInfo(VM, said("payroll", 43));
        assertThat(writesIn(Duration.ofMinutes(2))).as("its first answer").isEqualTo(1);
        assertThat(writesIn(Duration.ofHours(3))).isZero();
    }

    @Test
    void aGuestThatSaysSomethingElseEachTimeIsWrittenOnceInTenMinutes() {
        world.pass(incarnation);
        int writes = 0;
        for (int minute = 0; minute < 60; minute++) {
            world.hypervisor.setGuestInfo(VM, said("host-" + minute, minute));
            writes += writesIn(Duration.ofMinutes(1));
        }
        assertThat(writes).isBetween(5, 6);
    }

    @Test
    void aGuestThatIsMuteOrALibvirtThatIsDownLeavesWhatWasReported() {
        world.hypervisor.setGuestInfo(VM, said("payroll", 43));
        world.pass(incarnation);
        world.pass(incarnation);
        GuestInfo before = reported();
        assertThat(before.hostName()).isEqualTo("payroll");
        world.hypervisor.fail(Operation.GUEST_INFO, new HypervisorFailure.Unavailable("for the test"));
        assertThat(writesIn(Duration.ofMinutes(9))).isZero();
        world.hypervisor.heal();
        assertThat(writesIn(Duration.ofMinutes(2))).isZero();

        world.hypervisor.muteGuestAgent(VM);
        world.restartAgent();
        assertThat(writesIn(Duration.ofMinutes(9))).isZero();
        assertThat(reported()).isEqualTo(before);
        assertThat(writesIn(Duration.ofMinutes(2))).isEqualTo(1);
        assertThat(reported())
                .returns(new Agent(false, "7.2.0"), GuestInfo::agent)
                .returns("payroll", GuestInfo::hostName);
    }

    @Test
    void theNextIncarnationIsAskedAnew() {
        world.hypervisor.setGuestInfo(VM, said("payroll", 43));
        world.pass(incarnation);
        world.pass(incarnation);
        world.stop(incarnation);
        world.hypervisor.muteGuestAgent(VM);

        VMIncarnation next = world.start(2);
        world.pass(next);

        assertThat(world.status(next).guest()).isNull();
    }
}
