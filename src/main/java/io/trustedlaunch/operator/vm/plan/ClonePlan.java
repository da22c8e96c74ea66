package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.CloneSource;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.operator.vm.facts.NodeState;
import io.trustedlaunch.operator.vm.facts.RestoreRecord;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.placement.NodeInfo;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Plans the copying of a backup's disks for a new VM, as the last thing before its first start: it has been found that the VM
 * may be created, from an image that is eligible now (I5).
 */
final class ClonePlan {
    private static final String CORRECT =
            "restoreFrom is immutable: to use another backup, delete the VM, which never ran, and create it again";

    private final VmFacts facts;
    private final VmObject vm;
    private final RestoreRecord restores;
    private final RestorePlan plan;

    /** @param facts of a VM that never ran, and gets its disks from a backup */
    ClonePlan(VmFacts facts) {
        this.facts = facts;
        this.vm = facts.vm();
        this.restores = facts.vm().restores();
        this.plan = new RestorePlan(facts);
    }

    /** Empty: the disks are there. */
    Optional<VmStep> step() {
        if (restores.open().isPresent()) {
            return restores.open().map(plan::goOn);
        }
        Optional<Restore> completed = restores.completed().filter(this::isThere);
        return completed.isPresent()
                ? completed.flatMap(this::otherLocation)
                : restores.failedCopy()
                        .flatMap(failed ->
                                facts.restore().again().<VmStep>map(delay -> new VmStep.Wait(failure(failed), delay)))
                        .or(() -> Optional.of(begin()));
    }

    /** They go when an incarnation that never ran is erased, and with a node that alone has them. */
    private boolean isThere(Restore restore) {
        boolean isErased = facts.incarnations().all().stream()
                .anyMatch(incarnation -> incarnation.epoch() > restore.afterEpoch() && incarnation.isErased());
        NodeState state = facts.nodes().state(restore.nodeName());
        boolean isLost = (state == NodeState.FENCED || state == NodeState.UNREGISTERED)
                && facts.nodes().all().stream()
                        .filter(NodeInfo::agentAlive)
                        .noneMatch(node -> node.sharesLocation(restore.storageLocation(), restore.nodeName()));
        return !isErased && !isLost;
    }

    private Optional<VmStep> otherLocation(Restore restore) {
        String requested = vm.location();
        return requested.equals(restore.storageLocation())
                ? Optional.empty()
                : Optional.of(new VmStep.Refuse(
                        Reason.SpecMismatch,
                        "spec.storageLocationRef names " + requested
                                + ", but the VM's disks were copied into storage location " + restore.storageLocation()
                                + ": set spec.storageLocationRef.name to that"));
    }

    private VmStep begin() {
        String name = vm.resource().copiedBackup().orElseThrow();
        return Stream.<Supplier<Optional<Problem>>>of(
                        () -> plan.completed("spec.restoreFrom names VMBackup " + name + ", which ", CORRECT),
                        plan::location,
                        () -> image(name),
                        () -> key(facts))
                .flatMap(check -> check.get().stream())
                .findFirst()
                .<VmStep>map(VmStep.Refuse::new)
                .orElseGet(this::beginOnANode);
    }

    private VmStep beginOnANode() {
        if (!vm.hasFinalizer()) {
            return new VmStep.AddFinalizer();
        }
        return new RestorePlacement(facts)
                .anywhere(
                        vm.location(),
                        node -> plan.restore(node)
                                .startAtOnce(vm.spec().restoreFrom().startAtOnce())
                                .copyOf(new CloneSource(backup().vmUID(), backup().image()))
                                .build());
    }

    private VMBackupStatus backup() {
        return facts.restore().backup().orElseThrow().getStatus();
    }

    private Optional<Problem> image(String name) {
        return backup().image() == null
                ? RestorePlan.notUsable(
                        "spec.restoreFrom names VMBackup " + name
                                + ": the image of its VM is not on record, so its eligibility cannot be checked",
                        CORRECT)
                : otherImage(facts, backup().image());
    }

    /** The image that was found eligible is not the one that the copied OS disk was made from. */
    static Optional<Problem> otherImage(VmFacts facts, RecordedImage copied) {
        String requested = facts.offers().image().name();
        if (!requested.equals(copied.name())) {
            return Optional.of(new Problem(
                    Reason.RestoreMismatch,
                    "spec.imageRef names " + requested
                            + ", but the backup that spec.restoreFrom names is of a VM that was" + " created from "
                            + copied.name() + ": set it to that image"));
        }
        boolean isSame = facts.offers()
                .image()
                .spec()
                .map(GuestImageSpec::sha256)
                .filter(copied.sha256()::equals)
                .isPresent();
        return isSame
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.RestoreMismatch,
                        "GuestImage " + requested
                                + " is not the image that the copied VM was created from, which has SHA-256 "
                                + copied.sha256() + ": have an administrator offer that one under its name"));
    }

    /** Why the backup cannot be opened. Nothing is waited for that does not come by itself. */
    static Optional<Problem> key(VmFacts facts) {
        return facts.restore().copied().orElseThrow().refusal();
    }

    static Problem failure(Restore restore) {
        return new Problem(
                Reason.CopyFailed,
                "node " + restore.nodeName() + " could not copy the VM's disks from VMBackup "
                        + restore.backup().name() + " (" + restore.reason() + "): " + restore.message()
                        + ". It is tried again after a minute");
    }

    static String copied(Restore restore) {
        return "the VM's disks are copies of those of VMBackup "
                + restore.backup().name() + " of VM " + restore.copyOf().uid()
                + "; its key, TPM and UEFI variables are new";
    }
}
