package io.trustedlaunch.agent.hypervisor;

import io.trustedlaunch.agent.domain.Disk;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.DomainSpecBuilder;
import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.DomainState.Paused;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;

/**
 * One live migration between two fake hosts, in the steps of a real one. While it is copied, the guest runs on its source,
 * and the target has an incomplete domain and a half of each copied disk. At the switch-over the guest is paused on the
 * source and complete on the target. Then the source's domain is removed; if the hosts lose each other before, libvirt
 * resumes the guest on the source.
 */
public final class LiveMigration {
    private static final MigrationProgress HALF = new MigrationProgress(50, 50, 100);
    private static final byte[] TORN = "torn".getBytes(StandardCharsets.UTF_8);

    /** How far it is. */
    public enum Stage {
        COPYING,
        SWITCHED,
        LEFT,
        /** The target's libvirt is ending the QEMU that never ran. */
        FAILING,
        FAILED
    }

    private final FakeHypervisor source;
    private final FakeHypervisor target;
    private final UUID vm;
    private final DomainSpec left;
    private final DomainSpec arriving;
    private final boolean copiesDisks;
    private Stage stage = Stage.COPYING;

    /** @throws HypervisorException if one of the two hosts cannot */
    public LiveMigration(FakeHypervisor source, FakeHypervisor target, UUID vm, long epoch, boolean copiesDisks) {
        this.source = source;
        this.target = target;
        this.vm = vm;
        this.copiesDisks = copiesDisks;
        this.left = source.spec(vm).orElseThrow(() -> new HypervisorException(new HypervisorFailure.DomainMissing(vm)));
        this.arriving = placed(FakeHypervisor.asIncarnation(left, epoch));
        if (copiesDisks) {
            tearDisks();
        }
        target.expect(arriving);
        target.devices().arrive(vm, source.devices().places(left));
        target.beginMigration(vm, HALF);
        source.beginMigration(vm, HALF);
    }

    /** With the paths of its disks there. */
    private DomainSpec placed(DomainSpec spec) {
        return DomainSpecBuilder.builder(spec)
                .osDisk(placed(spec.osDisk()))
                .dataDisks(spec.dataDisks().stream().map(this::placed).toList())
                .build();
    }

    private Disk placed(Disk disk) {
        return new Disk(disk.name(), target.placed(disk.path()), disk.format());
    }

    private void tearDisks() {
        Path copy = target.placed(left.osDisk().path());
        if (!copy.toFile().exists()) {
            throw new HypervisorException(new HypervisorFailure.OperationFailed("Storage pool not found: " + copy));
        }
        byte[] blank = FakeHypervisor.read(copy);
        byte[] torn = Arrays.copyOf(blank, blank.length + TORN.length);
        System.arraycopy(TORN, 0, torn, blank.length, TORN.length);
        FakeHypervisor.write(copy, torn);
    }

    public UUID vm() {
        return vm;
    }

    public long epoch() {
        return arriving.identity().epoch();
    }

    public Stage stage() {
        return stage;
    }

    public boolean isUnderway() {
        return stage == Stage.COPYING || stage == Stage.SWITCHED;
    }

    public boolean isOver() {
        return stage == Stage.LEFT || stage == Stage.FAILED;
    }

    /** The guest is paused here and complete there. */
    public void switchOver() {
        source.pause(vm, PauseReason.MIGRATION);
        if (copiesDisks) {
            FakeHypervisor.copyDisks(left, target);
        }
        WorkingCopyLayout files = source.layout();
        target.complete(vm, FakeHypervisor.read(files.tpmState(vm)), FakeHypervisor.read(files.variables(vm)));
        target.endMigration(vm);
        stage = Stage.SWITCHED;
    }

    /** The source has the target's confirmation, and removes its domain. */
    public void leave() {
        source.endMigration(vm);
        source.end(vm, StopReason.MIGRATED);
        stage = Stage.LEFT;
    }

    /** Either host has lost the other, or gave up. It takes the target a while to end what has arrived. */
    public void fail() {
        source.endMigration(vm);
        target.endMigration(vm);
        boolean incomplete = stage == Stage.COPYING && isThere(target, arriving);
        if (incomplete) {
            target.beginEnd(vm);
        }
        if (isThere(source, left) && isPausedForMigration()) {
            source.resumeByItself(vm);
        }
        stage = incomplete ? Stage.FAILING : Stage.FAILED;
    }

    /** The QEMU on the target of a migration that is failing has ended. */
    public void finishFailing() {
        if (isThere(target, arriving)) {
            target.end(vm, StopReason.FAILED);
        }
        stage = Stage.FAILED;
    }

    /** One of the domains is gone, or the source's libvirt has aborted it. */
    public boolean isBroken() {
        boolean aborted = stage == Stage.COPYING && source.migration(vm).isEmpty();
        return aborted || !isThere(source, left) || !isThere(target, arriving);
    }

    private boolean isPausedForMigration() {
        return source.find(vm)
                .filter(domain -> domain.state().equals(new Paused(PauseReason.MIGRATION)))
                .isPresent();
    }

    private static boolean isThere(FakeHypervisor host, DomainSpec spec) {
        return host.spec(spec.vm())
                .filter(there -> there.identity().epoch() == spec.identity().epoch())
                .isPresent();
    }
}
