package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.disks.VmFolder;
import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.agent.gueststate.UefiVariables;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.tpm.TpmSecret;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks into what a guest left in its working copy, before it goes home as the newest there is: a state that is damaged,
 * or another TPM's, would stand in the way of every start until somebody approves an older one, and nobody could tell
 * any more where it was damaged.
 */
final class LeftCopy {
    private static final Logger LOG = LoggerFactory.getLogger(LeftCopy.class);

    private final Tpms tpms;
    private final Homes homes;
    private final Secrets secrets;

    LeftCopy(Tpms tpms, Homes homes, Secrets secrets) {
        this.tpms = tpms;
        this.homes = homes;
        this.secrets = secrets;
    }

    /**
     * @param copy no domain uses it
     * @param glance what is to be seen of its files from outside
     */
    TpmSight look(VMIncarnation incarnation, UUID vm, Recollection memory, WorkingCopy copy, TpmSight glance) {
        return memory.known()
                .filter(record -> glance == TpmSight.WHOLE && isToGoHome(record, incarnation))
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

    private TpmSight look(VMIncarnation incarnation, UUID vm, VmRecord record, WorkingCopy copy) {
        if (incarnation.getSpec().envelope() == null) {
            // An end that was told with this copy still here was told of one that is not to be used. To ask for the
            // envelope again would go in a circle; what is brought back is looked into at the next start.
            return isToldOver(incarnation) ? TpmSight.DAMAGED : TpmSight.WHOLE;
        }
        Optional<String> fault = variables(copy);
        if (fault.isPresent()) {
            LOG.warn("The UEFI variables that VM {} left, {}, are damaged: {}", vm, copy.variables(), fault.get());
            return TpmSight.VARIABLES_DAMAGED;
        }
        try (TpmSecret secret = secrets.tpmSecret(incarnation.getSpec(), vm)) {
            String found = tpms.probe(copy, secret).digest();
            String expected = Optional.ofNullable(record.ekDigest())
                    .orElse(Optional.ofNullable(incarnation.getSpec().ekDigest())
                            .orElse(found));
            if (!found.equals(expected)) {
                LOG.warn("The TPM that VM {} left has endorsement key {}, on record is {}", vm, found, expected);
                return TpmSight.OTHERS;
            }
        } catch (RefusedException e) {
            LOG.warn("The TPM that VM {} left cannot be read: {}", vm, e.getMessage());
            if (e.reason() == Reason.StartFailed) {
                // The tool failed, which says nothing of the state: nobody knows whether it may go home as the newest.
                throw e;
            }
            return e.reason() == Reason.TpmStateDamaged ? TpmSight.DAMAGED : TpmSight.WHOLE;
        }
        if (isTurnedBack(incarnation, vm, record.state().copyEpoch(), copy)) {
            LOG.warn("The TPM state that VM {} left, {}, was sealed before a newer one", vm, copy.tpmState());
            return TpmSight.TURNED_BACK;
        }
        return TpmSight.WHOLE;
    }

    /**
     * Whether the home has this very state, and a newer one. swtpm encrypts each state that it writes
     * anew, so that none comes twice by itself. What is no longer home is not recognized.
     */
    private boolean isTurnedBack(VMIncarnation incarnation, UUID vm, long epoch, WorkingCopy copy) {
        Home home = homes.at(
                new VmFolder(Path.of(incarnation.getSpec().machine().location().path()), vm));
        try (GuestStateKey key = secrets.guestStateKey(incarnation.getSpec(), vm)) {
            byte[] left = Files.readAllBytes(copy.tpmState());
            List<byte[]> sealed = new ArrayList<>();
            for (GuestStateVersion version : home.versions()) {
                if (version.epoch() <= epoch
                        && SealedGuestState.open(home.read(version), vm, version, key)
                                instanceof Opening.Opened(GuestState state)) {
                    sealed.add(state.tpm());
                }
            }
            return sealed.stream().skip(1).anyMatch(older -> Arrays.equals(older, left))
                    && !Arrays.equals(sealed.getFirst(), left);
        } catch (IOException e) {
            // The newest is read again before anything goes home; an older one holds up nothing.
            LOG.warn("The home of VM {} cannot be compared with what is left: {}", vm, e.getMessage());
            return false;
        }
    }

    private static boolean isToldOver(VMIncarnation incarnation) {
        return Optional.ofNullable(incarnation.getStatus())
                .filter(status -> status.phase() == Phase.Stopped)
                .isPresent();
    }

    private static Optional<String> variables(WorkingCopy copy) {
        try {
            return UefiVariables.fault(Files.readAllBytes(copy.variables()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + copy.variables(), e);
        }
    }
}
