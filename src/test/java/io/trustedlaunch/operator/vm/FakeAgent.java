package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.ClusterNodeStatus.Domain;
import io.trustedlaunch.api.ClusterNodeStatus.Inventory;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.testkit.EndorsementKeys;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The agents' half of the protocol in its shortest form, for one VM: what it remembers, what runs, what it says. */
final class FakeAgent {
    private final String node;
    private final FakeApiServer server;
    private final Map<Long, Exit> ended = new HashMap<>();
    private long highest;
    private long paused;
    private long running;
    private String tpm;
    private int tpmsMade;
    private boolean unsealed;

    FakeAgent(String node, FakeApiServer server) {
        this.node = node;
        this.server = server;
    }

    String node() {
        return node;
    }

    boolean runs() {
        return running > 0;
    }

    int tpmsMade() {
        return tpmsMade;
    }

    String tpm() {
        return tpm;
    }

    boolean hasNothing() {
        return running == 0 && paused == 0 && tpm == null;
    }

    void guestEnds(Exit exit) {
        if (running > 0) {
            ended.put(running, exit);
            running = 0;
        }
    }

    /** What it remembers, too: a working copy without a domain is as good a reason not to start elsewhere. */
    void answer(String leader, String vmUid) {
        ClusterNode own = server.find(ClusterNode.class, node).orElseThrow();
        ClusterNodeStatus before = own.getStatus();
        own.setStatus(new ClusterNodeStatus(
                before.observedGeneration(),
                before.capabilities(),
                before.capacity(),
                before.versions(),
                before.networks(),
                before.storageLocations(),
                before.sealingCertificate(),
                new Inventory(leader, hasNothing() ? List.of() : List.of(new Domain(vmUid, highest))),
                null,
                null));
        server.replaceStatus(own);
    }

    /** One act for each of its incarnations. */
    void act() {
        server.all(VMIncarnation.class)
                .filter(incarnation -> incarnation.getSpec().nodeName().equals(node))
                .forEach(this::act);
    }

    private void act(VMIncarnation incarnation) {
        long epoch = incarnation.getSpec().epoch();
        if (epoch < highest) {
            if (!over(incarnation)) {
                tell(incarnation, Phase.Stopped, Reason.EpochSuperseded, ended.getOrDefault(epoch, Exit.NeverRan));
            }
            return;
        }
        highest = epoch;
        if (incarnation.getSpec().desiredState() == DesiredState.Running) {
            run(incarnation, epoch);
        } else {
            end(incarnation, epoch);
        }
    }

    private void end(VMIncarnation incarnation, long epoch) {
        if (running > 0) {
            guestEnds(Exit.Shutdown);
        }
        paused = 0;
        Exit exit = ended.computeIfAbsent(epoch, never -> Exit.NeverRan);
        boolean erase = incarnation.getSpec().desiredState() == DesiredState.Erased;
        if (!erase && !over(incarnation) && !sealsLast(incarnation)) {
            tell(incarnation, Phase.Stopping, Reason.EnvelopeRefused, null);
            return;
        }
        if (erase) {
            tpm = null;
        }
        tell(incarnation, erase ? Phase.Erased : Phase.Stopped, Reason.Stopped, exit);
    }

    private void run(VMIncarnation incarnation, long epoch) {
        if (running == epoch) {
            tell(incarnation, Phase.Running, Reason.Running, null);
        } else if (ended.containsKey(epoch)) {
            boolean sealed = over(incarnation) || sealsLast(incarnation);
            tell(
                    incarnation,
                    sealed ? Phase.Stopped : Phase.Stopping,
                    sealed ? Reason.Stopped : Reason.EnvelopeRefused,
                    sealed ? ended.get(epoch) : null);
        } else if (paused != epoch) {
            prepare(incarnation, epoch);
        } else {
            letRun(incarnation, epoch);
        }
    }

    private static boolean over(VMIncarnation incarnation) {
        return incarnation.getStatus() != null && incarnation.getStatus().exit() != null;
    }

    /** Of a guest that ran there is a last state, and no life is over before it is sealed. */
    private boolean sealsLast(VMIncarnation incarnation) {
        unsealed = unsealed && incarnation.getSpec().envelope() == null;
        return !unsealed;
    }

    private void prepare(VMIncarnation incarnation, long epoch) {
        if (incarnation.getSpec().envelope() == null) {
            tell(incarnation, Phase.Preparing, Reason.EnvelopeRefused, null);
        } else if (tpm == null && !incarnation.getSpec().firstStart()) {
            tell(incarnation, Phase.Preparing, Reason.TpmStateMissing, null);
        } else {
            if (tpm == null) {
                tpmsMade++;
                tpm = EndorsementKeys.ONE.digest();
            }
            paused = epoch;
            tell(incarnation, Phase.Prepared, Reason.Starting, null);
        }
    }

    /** The VM is read as it is this very moment. */
    private void letRun(VMIncarnation incarnation, long epoch) {
        boolean owner = server.all(TrustedLaunchVM.class)
                .anyMatch(vm -> vm.getStatus() != null
                        && !vm.isMarkedForDeletion()
                        && vm.getStatus().epoch() != null
                        && vm.getStatus().epoch() == epoch
                        && node.equals(vm.getStatus().nodeName()));
        if (owner) {
            running = epoch;
            paused = 0;
            unsealed = true;
            tell(incarnation, Phase.Running, Reason.Running, null);
        }
    }

    private void tell(VMIncarnation incarnation, Phase phase, Reason reason, Exit exit) {
        VMIncarnationStatus status = new VMIncarnationStatus(
                null,
                phase,
                reason.name(),
                null,
                phase == Phase.Preparing ? null : tpmOf(incarnation),
                phase == Phase.Preparing || tpmOf(incarnation) == null ? null : EndorsementKeys.ONE.toBase64(),
                null,
                null,
                exit,
                null);
        if (!status.equals(incarnation.getStatus())) {
            incarnation.setStatus(status);
            server.replaceStatus(incarnation);
        }
    }

    private String tpmOf(VMIncarnation incarnation) {
        String told =
                incarnation.getStatus() == null ? null : incarnation.getStatus().ekDigest();
        return told != null || paused == 0 && running == 0 ? told : tpm;
    }
}
