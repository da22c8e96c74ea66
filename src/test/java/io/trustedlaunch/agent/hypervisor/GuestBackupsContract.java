package io.trustedlaunch.agent.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trustedlaunch.agent.domain.BackupSpec;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.hypervisor.DomainState.Paused;
import io.trustedlaunch.agent.hypervisor.DomainState.Running;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The contract of {@link GuestBackups}, for the fake and the real ones. */
public abstract class GuestBackupsContract {
    private final UUID vm = UUID.randomUUID();

    protected abstract Hypervisor hypervisor();

    /** Creates the domain, paused; in each epoch with the same disks. */
    protected abstract DomainSpec start(UUID vm, long epoch);

    /** The export of the disk, with a new scratch file. */
    protected abstract BackupSpec.Disk exported(Path disk);

    protected abstract Path socket();

    protected final UUID vm() {
        return vm;
    }

    @Test
    void withoutADomainThereIsNothing() {
        Path disk = Path.of("/nowhere/os.qcow2");

        assertThat(backups().job(vm)).isEmpty();
        assertThat(backups().checkpoints(vm)).isEmpty();
        backups().end(vm);
        backups().deleteCheckpoint(vm, "one");
        HypervisorFailure missing = new HypervisorFailure.DomainMissing(vm);
        assertThat(failure(() -> backups().begin(vm, spec("one", Optional.empty(), disk))))
                .isEqualTo(missing);
        assertThat(failure(() -> backups().defineCheckpoint(vm, "one", Optional.empty(), List.of(disk))))
                .isEqualTo(missing);
        assertThat(failure(() -> backups().pause(vm))).isEqualTo(missing);
    }

    @Test
    void aBackupIsUnderWayUntilItIsEndedAndIsNoMigration() {
        Path disk = start(vm, 1).osDisk().path();

        backups().begin(vm, spec("one", Optional.empty(), disk));

        assertThat(backups().job(vm)).isPresent();
        assertThat(failure(() -> backups().begin(vm, spec("two", Optional.of("one"), disk))))
                .isEqualTo(new HypervisorFailure.BackupUnderWay(vm));
        assertThat(hypervisor().migration(vm)).isEmpty();
        hypervisor().abortMigration(vm);
        assertThat(backups().job(vm)).isPresent();

        backups().end(vm);
        backups().end(vm);
        assertThat(backups().job(vm)).isEmpty();
        assertThat(backups().checkpoints(vm)).containsExactly("one");
    }

    @Test
    void theCheckpointOfABackupThatFailedIsDeletedAndTheOneBeforeItIsKept() {
        Path disk = start(vm, 1).osDisk().path();
        complete("one", Optional.empty(), disk);
        backups().begin(vm, spec("two", Optional.of("one"), disk));

        backups().end(vm);
        backups().deleteCheckpoint(vm, "two");
        backups().deleteCheckpoint(vm, "two");

        assertThat(backups().checkpoints(vm)).containsExactly("one");
        assertThat(failure(() -> backups().begin(vm, spec("three", Optional.of("two"), disk))))
                .isEqualTo(new HypervisorFailure.CheckpointUnusable(vm, "two"));
        assertThat(backups().job(vm)).isEmpty();
        assertThat(backups().checkpoints(vm)).containsExactly("one");
        complete("three", Optional.of("one"), disk);
        assertThat(backups().checkpoints(vm)).containsExactlyInAnyOrder("one", "three");
    }

    @Test
    void theBitmapsOfACheckpointOutliveTheDomain() {
        Path disk = start(vm, 1).osDisk().path();
        complete("one", Optional.empty(), disk);
        complete("two", Optional.of("one"), disk);
        hypervisor().destroy(vm);
        start(vm, 2);
        assertThat(backups().checkpoints(vm)).isEmpty();

        for (int times = 0; times < 2; times++) {
            backups().defineCheckpoint(vm, "one", Optional.empty(), List.of(disk));
            backups().defineCheckpoint(vm, "two", Optional.of("one"), List.of(disk));
        }

        assertThat(backups().checkpoints(vm)).containsExactlyInAnyOrder("one", "two");
        backups().deleteCheckpoint(vm, "one");
        complete("three", Optional.of("two"), disk);
    }

    @Test
    void aCheckpointWithoutBitmapsIsUnusable() {
        Path disk = start(vm, 1).osDisk().path();

        assertThat(failure(() -> backups().defineCheckpoint(vm, "never", Optional.empty(), List.of(disk))))
                .isEqualTo(new HypervisorFailure.CheckpointUnusable(vm, "never"));
    }

    @Test
    void aDiskThatTheDomainDoesNotHaveIsNotBackedUp() {
        Path disk = start(vm, 1).osDisk().path();

        assertThat(failure(
                        () -> backups().begin(vm, spec("one", Optional.empty(), disk.resolveSibling("other.qcow2")))))
                .isInstanceOf(HypervisorFailure.OperationFailed.class);
        assertThat(backups().job(vm)).isEmpty();
    }

    @Test
    void aGuestWithoutAnAgentIsNotFrozen() {
        assertThat(failure(() -> backups().freeze(vm, Duration.ofSeconds(1))))
                .isEqualTo(new HypervisorFailure.DomainMissing(vm));
        assertThat(backups().thaw(vm, Duration.ofSeconds(1))).isTrue();
        start(vm, 1);

        assertThat(backups().freeze(vm, Duration.ofSeconds(1))).isEqualTo(FreezeOutcome.NO_AGENT);
        assertThat(backups().thaw(vm, Duration.ofSeconds(1))).isTrue();
    }

    @Test
    void onlyARunningGuestIsPaused() {
        start(vm, 1);

        assertThat(backups().pause(vm)).isFalse();
        hypervisor().resume(vm);
        assertThat(backups().pause(vm)).isTrue();
        assertThat(backups().pause(vm)).isFalse();
        assertThat(hypervisor().find(vm).orElseThrow().state()).isInstanceOf(Paused.class);

        hypervisor().resume(vm);
        assertThat(hypervisor().find(vm).orElseThrow().state()).isInstanceOf(Running.class);
    }

    protected final GuestBackups backups() {
        return hypervisor().backups();
    }

    protected final BackupSpec spec(String checkpoint, Optional<String> base, Path disk) {
        return new BackupSpec(checkpoint, base, socket(), List.of(exported(disk)));
    }

    private void complete(String checkpoint, Optional<String> base, Path disk) {
        backups().begin(vm, spec(checkpoint, base, disk));
        backups().end(vm);
    }

    protected static HypervisorFailure failure(ThrowingCallable call) {
        HypervisorException thrown = catchThrowableOfType(HypervisorException.class, call);
        assertThat(thrown).isNotNull();
        return thrown.failure();
    }
}
