package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.gueststate.GuestStateKeeper;
import io.trustedlaunch.agent.gueststate.GuestStateSealer;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.incarnation.record.DepartureRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.gueststate.GuestState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts the power of guests whose VM was given to another node because this one, or its cluster, was falsely said to be lost: a
 * later incarnation has claimed the VM's home. It takes no API server. This limits the damage; nothing relies on it.
 */
public final class SupersededGuests {
    private static final Logger LOG = LoggerFactory.getLogger(SupersededGuests.class);

    private final GuestStateKeeper keeper;
    private final VmRecordStore records;
    private final Hypervisor hypervisor;

    public SupersededGuests(GuestStateKeeper keeper, VmRecordStore records, Hypervisor hypervisor) {
        this.keeper = keeper;
        this.records = records;
        this.hypervisor = hypervisor;
    }

    /** Looks into the homes in that storage location. */
    public void look(Path location) {
        for (UUID vm : keeper.vms()) {
            records.lookUp(vm)
                    .found()
                    .filter(record -> record.location().equals(Optional.of(location.toString())))
                    .ifPresent(record -> keeper.during(vm, sealer -> look(vm, record, sealer)));
        }
    }

    private void look(UUID vm, VmRecord record, GuestStateSealer sealer) {
        try {
            sealer.laterThan(lastOwn(record, sealer.epoch())).ifPresent(later -> cutPower(vm, sealer.epoch(), later));
        } catch (IOException e) {
            LOG.debug("VM {}: cannot look for a later incarnation in its home: {}", vm, e.getMessage());
        }
    }

    /** The guest may be about to leave for another host, as an incarnation of its own. */
    private static long lastOwn(VmRecord record, long epoch) {
        return record.of(epoch)
                .departure()
                .filter(departure -> departure.course() != Course.Stayed)
                .map(DepartureRecord::epoch)
                .orElse(epoch);
    }

    private void cutPower(UUID vm, long epoch, GuestState later) {
        boolean hasPower = hypervisor
                .find(vm)
                .filter(domain -> domain.epoch() == epoch)
                .filter(domain -> !(domain.state() instanceof DomainState.ShutOff))
                .isPresent();
        if (hasPower) {
            LOG.error(
                    "VM {}: cutting the power of its guest (epoch {}): {} was given the VM, and has written state {} into its"
                            + " home. Somebody has said that this host is off (kubectl get nodefences), or has recovered"
                            + " the VM in another cluster",
                    vm,
                    epoch,
                    later.claimant(),
                    later.version());
            hypervisor.destroy(vm);
        }
    }
}
