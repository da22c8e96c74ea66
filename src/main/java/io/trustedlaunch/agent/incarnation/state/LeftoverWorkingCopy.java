package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.agent.folder.VmFolder;
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
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
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
 * Inspects the working copy that a guest left, before it is sealed as the newest state. A state that is damaged or of
 * another TPM would otherwise block every start until an older one is approved, and where it was damaged would be lost.
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
     * @param copy not used by a domain
     * @param state by its files alone
     */
    public WorkingCopyState inspect(
            VMIncarnation incarnation, UUID vm, RecordLookup lookup, WorkingCopy copy, WorkingCopyState state) {
        return lookup.found()
                .filter(record -> state == WorkingCopyState.WHOLE && isToBeSealed(record, incarnation))
                .map(record -> inspect(incarnation, vm, record, copy))
                .orElse(state);
    }

    private static boolean isToBeSealed(VmRecord record, VMIncarnation incarnation) {
        long epoch = incarnation.getSpec().epoch();
        return record.unsealedCopy()
                        .filter(owner ->
                                owner != epoch || record.of(epoch).exit().isPresent())
                        .isPresent()
                && incarnation.getSpec().desiredState() != DesiredState.Erased;
    }

    private WorkingCopyState inspect(VMIncarnation incarnation, UUID vm, VmRecord record, WorkingCopy copy) {
        if (incarnation.getSpec().envelope() == null) {
            // The end was reported although this copy is still here, so it cannot be used. Another request for the
            // envelope
            // would never end; a copy that is restored is inspected at the next start.
            return isReportedStopped(incarnation) ? WorkingCopyState.DAMAGED : WorkingCopyState.WHOLE;
        }
        Optional<String> fault = UefiVariables.fault(variables(copy));
        if (fault.isPresent()) {
            LOG.warn("VM {}: the UEFI variables left in {} are damaged: {}", vm, copy.variables(), fault.get());
            return WorkingCopyState.VARIABLES_DAMAGED;
        }
        try {
            String found = copies.probe(incarnation.getSpec(), vm).digest();
            String expected = record.ekDigest()
                    .or(() -> Optional.ofNullable(incarnation.getSpec().ekDigest()))
                    .orElse(found);
            if (!found.equals(expected)) {
                LOG.warn(
                        "VM {}: the TPM left in its working copy has endorsement key {}, expected {}",
                        vm,
                        found,
                        expected);
                return WorkingCopyState.OTHER_TPM;
            }
        } catch (RefusedException e) {
            LOG.warn("VM {}: the TPM left in its working copy cannot be read: {}", vm, e.getMessage());
            if (e.reason() == Reason.StartFailed) {
                // The tool failed: whether the state may be sealed as the newest is unknown.
                throw e;
            }
            return e.reason() == Reason.TpmStateDamaged ? WorkingCopyState.DAMAGED : WorkingCopyState.WHOLE;
        }
        return sealedLast(incarnation, vm, record.unsealedCopy().orElseThrow())
                .map(last -> compared(last, vm, copy))
                .orElse(WorkingCopyState.WHOLE);
    }

    /** A guest only ever continues from the state that was sealed last. */
    private static WorkingCopyState compared(GuestState last, UUID vm, WorkingCopy copy) {
        if (last.isNewerThan(read(copy.tpmState()))) {
            LOG.warn("VM {}: the TPM state left in {} is older than the one that was sealed last", vm, copy.tpmState());
            return WorkingCopyState.ROLLED_BACK;
        }
        Optional<String> breach = VariableSuccession.breach(last.variables(), variables(copy));
        if (breach.isPresent()) {
            LOG.warn("VM {}: the UEFI variables left in {}: {}", vm, copy.variables(), breach.get());
            return WorkingCopyState.VARIABLES_ALTERED;
        }
        return WorkingCopyState.WHOLE;
    }

    /** The newest state up to that epoch that opens: sealed last, or started from. */
    private Optional<GuestState> sealedLast(VMIncarnation incarnation, UUID vm, long epoch) {
        Home home = homes.at(new VmFolder(
                Path.of(incarnation.getSpec().machineNow().location().path()), vm));
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
                    "the guest's working copy cannot be compared with the VM's home: " + e.getMessage()
                            + "; check the storage location",
                    e);
        }
    }

    private static boolean isReportedStopped(VMIncarnation incarnation) {
        return incarnation
                .status()
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
