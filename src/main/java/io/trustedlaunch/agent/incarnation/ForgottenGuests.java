package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.folder.Ownership;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts the power of guests whose incarnation is gone from the API server, as after a restore from a backup, while the VM's record
 * says that a later one has claimed the home on another node: this node was falsely said to be dead. The guest's end is not
 * requested any more, and an agent that was started since has no key, so that {@link SupersededGuests} cannot tell from the home.
 */
final class ForgottenGuests {
    private static final Logger LOG = LoggerFactory.getLogger(ForgottenGuests.class);

    /** The other watch looks as often. */
    private static final Duration AGAIN = Duration.ofSeconds(2);

    private final Hypervisor hypervisor;
    private final VmRecordStore records;
    private final IncarnationLookup incarnations;
    private final Ownership.Reader owners;
    private final String nodeName;

    ForgottenGuests(
            Hypervisor hypervisor,
            VmRecordStore records,
            IncarnationLookup incarnations,
            Ownership.Reader owners,
            String nodeName) {
        this.hypervisor = hypervisor;
        this.records = records;
        this.incarnations = incarnations;
        this.owners = owners;
        this.nodeName = nodeName;
    }

    /** Returns when to look again; empty: there is no such guest. */
    Optional<Duration> end(UUID vm, List<VMIncarnation> cached) {
        Optional<VmRecord> record = records.lookUp(vm).found();
        return record.flatMap(found -> forgotten(vm, found, cached)).map(epoch -> {
            record.flatMap(VmRecord::vmRef).ifPresent(ref -> endIfGivenAway(vm, epoch, ref));
            return AGAIN;
        });
    }

    private Optional<Long> forgotten(UUID vm, VmRecord record, List<VMIncarnation> cached) {
        return record.lastRun()
                .filter(epoch -> record.of(epoch).exit().isEmpty())
                .filter(epoch -> cached.stream()
                        .noneMatch(incarnation -> incarnation.getSpec().epoch().equals(epoch)))
                .filter(epoch -> hasPower(vm, epoch));
    }

    private boolean hasPower(UUID vm, long epoch) {
        return hypervisor
                .find(vm)
                .filter(domain -> domain.epoch() == epoch)
                .filter(domain -> !(domain.state() instanceof DomainState.ShutOff))
                .isPresent();
    }

    private void endIfGivenAway(UUID vm, long epoch, VmRef ref) {
        if (incarnations.isGone(VMIncarnation.nameOf(vm.toString(), epoch))
                && owners.read(ref) instanceof Ownership.Found found
                && found.uid().equals(ref.owner())
                && hasRunElsewhere(found, epoch)) {
            LOG.error(
                    "VM {}: cutting the power of its guest (epoch {}): node {} was given the VM, and has claimed its home as epoch"
                            + " {}. Somebody has said that this host is off, and the API server's data was restored from a"
                            + " backup",
                    vm,
                    epoch,
                    found.nodeName(),
                    found.epoch());
            hypervisor.destroy(vm);
        }
    }

    private boolean hasRunElsewhere(Ownership.Found found, long epoch) {
        return found.epoch() > epoch
                && !found.nodeName().equals(nodeName)
                && found.floor().filter(floor -> floor.epoch() == found.epoch()).isPresent();
    }
}
