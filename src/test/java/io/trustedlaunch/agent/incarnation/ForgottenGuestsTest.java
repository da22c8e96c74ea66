package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.NODE;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.folder.Ownership;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A guest that runs without an incarnation ends only if the record says that a later one has run elsewhere. */
class ForgottenGuestsTest extends OneHost {
    private List<VMIncarnation> cached = List.of();
    private boolean gone = true;
    private Ownership owner = claimed(2, "host-b");

    @BeforeEach
    void aGuestRuns() {
        world.pass(incarnation);
        assertThat(world.hypervisor.find(VM)).isPresent();
    }

    private static Ownership claimed(long epoch, String node) {
        return new Ownership.Found(vm(epoch, node, epoch));
    }

    private static TrustedLaunchVM vm(long epoch, String node, long claim) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        vm.getMetadata().setUid(Vms.UID);
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .epoch(epoch)
                .nodeName(node)
                .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                        .floor(new GuestStateVersion(claim, 1L))
                        .build())
                .build());
        return vm;
    }

    /** Returns whether it still runs. */
    private boolean goesOn() {
        ForgottenGuests guests =
                new ForgottenGuests(world.hypervisor, world.records(), name -> gone, vm -> owner, NODE);
        guests.end(VM, cached);
        return world.hypervisor.find(VM).isPresent();
    }

    @Test
    void aGuestWhoseVmRunsElsewhereEnds() {
        assertThat(goesOn()).isFalse();
    }

    @Test
    void aGuestWithAnIncarnationIsNotForgotten() {
        cached = List.of(incarnation);

        assertThat(goesOn()).isTrue();
    }

    @Test
    void anIncarnationThatIsNotCachedYetIsNotGone() {
        gone = false;

        assertThat(goesOn()).isTrue();
    }

    /** Before the later one has claimed the home, its guest has not run: this one has the newest state. */
    @Test
    void aLaterIncarnationThatHasNotClaimedTheHomeProvesNothing() {
        owner = new Ownership.Found(vm(2, "host-b", 1));

        assertThat(goesOn()).isTrue();
    }

    @Test
    void restoredDataOfAnEarlierIncarnationProvesNothing() {
        owner = claimed(1, "host-b");

        assertThat(goesOn()).isTrue();
    }

    @Test
    void aLaterIncarnationHereIsNotElsewhere() {
        owner = claimed(2, NODE);

        assertThat(goesOn()).isTrue();
    }

    @Test
    void anotherVmWithItsNameProvesNothing() {
        TrustedLaunchVM other = vm(2, "host-b", 2);
        other.getMetadata().setUid("another-uid");
        owner = new Ownership.Found(other);

        assertThat(goesOn()).isTrue();
    }

    @Test
    void anApiServerThatIsNotReadProvesNothing() {
        owner = new Ownership.Unread("connection refused");

        assertThat(goesOn()).isTrue();
    }

    @Test
    void aGuestThatEndedIsNotLookedFor() {
        world.hypervisor.powerOff(VM);

        assertThat(new ForgottenGuests(world.hypervisor, world.records(), name -> gone, vm -> owner, NODE)
                        .end(VM, cached))
                .isEqualTo(Optional.empty());
    }
}
