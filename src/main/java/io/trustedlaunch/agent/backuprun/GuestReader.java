package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.gueststate.GuestStateKeeper;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Reads what is known of a guest.
 *
 * @param latest the VM's latest incarnation on this node
 * @param hostShutsDown whether all guests of this host are to stop
 */
public record GuestReader(
        Hypervisor hypervisor,
        GuestStateKeeper keeper,
        Function<UUID, Optional<VMIncarnation>> latest,
        BooleanSupplier hostShutsDown) {
    GuestFacts read(UUID vm, long epoch) {
        return new GuestFacts(
                epoch, latest.apply(vm), hypervisor.find(vm), keeper.keeps(vm, epoch), hostShutsDown.getAsBoolean());
    }
}
