package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.agent.disks.VmFolder;
import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.agent.gueststate.UefiVariables;
import io.trustedlaunch.agent.gueststate.VariableSuccession;
import io.trustedlaunch.agent.gueststate.WriteLog;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.incarnation.plan.WorkingCopyState;
import io.trustedlaunch.agent.incarnation.record.RecordLookup;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.custody.GuestStateKey;
import io.trustedlaunch.gueststate.GuestState;
import io.trustedlaunch.gueststate.SealedGuestState;
import io.trustedlaunch.gueststate.SealedGuestState.Opening;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks into what a guest left in its working copy, before it goes home as the newest there is: a state that is damaged,
 * or another TPM's, would stand in the way of every start until somebody approves an older one, and nobody could tell
 * any more where it was damaged.
 */
public final class LeftoverWorkingCopy {
    private static final Logger LOG = LoggerFactory.getLogger(LeftoverWorkingCopy.class);

    private final WorkingCopies copies;
    private final Homes homes;
    private final Secrets secrets;

    public LeftoverWorkingCopy(WorkingCopies copies, Homes homes, Secrets secrets) {
        this.copies = copies;
        this.homes = homes;
        this.secrets = secrets;
    }

    /**
     * @param copy no domain uses it
     * @param glance what is to be seen of its files from outside
     */
    public WorkingCopyState look(
            VMIncarnation incarnation, UUID vm, RecordLookup memory, WorkingCopy copy, WorkingCopyState glance) {
        return memory.known()
                .filter(record -> glance == WorkingCopyState.WHOLE && isToGoHome(record, incarnation))
                .map(record -> look(incarnation, vm, record, copy))
                .orElse(glance);
    }

    private static boolean isToGoHome(VmRecord record, VMIncarnation incarnation) {
        long left = record.state().copyEpoch();
        long epoch = incarnation.getSpec().epoch();
        boolean endIsKnown = left != epoch || record.exitOf(epoch).isPresent();
        return left != 0
                && left == record.resumedEpoch()
                && record.lacksLastState()
                && endIsKnown
                && incarnation.getSpec().desiredState() != DesiredState.Erased;
    }

    private WorkingCopyState look(VMIncarnation incarnation, UUID vm, VmRecord record, WorkingCopy copy) {
        if (incarnation.getSpec().envelope() == null) {
            // An end that was told with this copy still here was told of one that is not to be used. To ask for the
            // envelope again would go in a circle; what is brought back is looked into at the next start.
            return isToldOver(incarnation) ? WorkingCopyState.DAMAGED : WorkingCopyState.WHOLE;
        }
        Optional<String> fault = UefiVariables.fault(variables(copy));
        if (fault.isPresent()) {
            LOG.warn("The UEFI variables that VM {} left, {}, are damaged: {}", vm, copy.variables(), fault.get());
            return WorkingCopyState.VARIABLES_DAMAGED;
        }
        try {
            String found = copies.probe(incarnation.getSpec(), vm).digest();
            String expected = Optional.ofNullable(record.ekDigest())
                    .orElse(Optional.ofNullable(incarnation.getSpec().ekDigest())
                            .orElse(found));
            if (!found.equals(expected)) {
                LOG.warn("The TPM that VM {} left has endorsement key {}, on record is {}", vm, found, expected);
                return WorkingCopyState.OTHERS;
            }
        } catch (RefusedException e) {
            LOG.warn("The TPM that VM {} left cannot be read: {}", vm, e.getMessage());
            if (e.reason() == Reason.StartFailed) {
                // The tool failed, which says nothing of the state: nobody knows whether it may go home as the newest.
                throw e;
            }
            return e.reason() == Reason.TpmStateDamaged ? WorkingCopyState.DAMAGED : WorkingCopyState.WHOLE;
        }
        return sealedLast(incarnation, vm, record.state().copyEpoch())
                .map(last -> compared(last, vm, copy))
                .orElse(WorkingCopyState.WHOLE);
    }

    /** A guest goes on from what was sealed last, and from nothing else. */
    private static WorkingCopyState compared(GuestState last, UUID vm, WorkingCopy copy) {
        if (last.isNewerThan(read(copy.tpmState()))) {
            LOG.warn("The TPM state that VM {} left, {}, was sealed before a newer one", vm, copy.tpmState());
            return WorkingCopyState.TURNED_BACK;
        }
        Optional<String> breach = VariableSuccession.breach(last.variables(), variables(copy));
        if (breach.isPresent()) {
            LOG.warn("The UEFI variables that VM {} left, {}: {}", vm, copy.variables(), breach.get());
            return WorkingCopyState.VARIABLES_ALTERED;
        }
        return WorkingCopyState.WHOLE;
    }

    /** What of this life was sealed last, or what it began with: the newest that opens. */
    private Optional<GuestState> sealedLast(VMIncarnation incarnation, UUID vm, long epoch) {
        Home home = homes.at(
                new VmFolder(Path.of(incarnation.getSpec().machine().location().path()), vm));
        try (GuestStateKey key = secrets.guestStateKey(incarnation.getSpec(), vm)) {
            for (GuestStateVersion version : home.versions()) {
                if (version.epoch() <= epoch
                        && SealedGuestState.open(home.read(version), vm, version, key)
                                instanceof Opening.Opened(GuestState state)) {
                    return Optional.of(state);
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw new RefusedException(
                    Reason.GuestStateUnreadable,
                    "what the guest left cannot be compared with the VM's home: " + e.getMessage()
                            + "; look after the storage location",
                    e);
        }
    }

    private static boolean isToldOver(VMIncarnation incarnation) {
        return Optional.ofNullable(incarnation.getStatus())
                .filter(status -> status.phase() == Phase.Stopped)
                .isPresent();
    }

    private static byte[] variables(WorkingCopy copy) {
        return WriteLog.finished(read(copy.variables()));
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
