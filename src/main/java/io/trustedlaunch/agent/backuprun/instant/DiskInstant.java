package io.trustedlaunch.agent.backuprun.instant;

import io.trustedlaunch.agent.backup.GuestPause;
import io.trustedlaunch.agent.domain.BackupSpec;
import io.trustedlaunch.agent.gueststate.SealedFile;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.FreezeOutcome;
import io.trustedlaunch.agent.hypervisor.GuestBackups;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Begins a backup at one instant of disks and guest state. The state is sealed before and after the disks' instant: if it is
 * the same, it is that instant's. Only of a guest that changes it each time is the disks' instant taken while it is paused.
 */
public final class DiskInstant {
    private static final int ATTEMPTS = 3;

    /** The longest pause. */
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final UUID vm;
    private final GuestBackups backups;
    private final GuestPause pause;
    private final GuestFreeze freeze;
    private final Sealing sealing;
    private final Failpoints failpoints;
    private final InstantSource clock;

    /** Seals the guest's state now; empty while its firmware writes its variables. */
    @FunctionalInterface
    public interface Sealing {
        Optional<SealedFile> seal() throws IOException;
    }

    /** Makes the scratch files, for each attempt anew. */
    @FunctionalInterface
    public interface Preparation {
        void prepare() throws IOException;
    }

    /**
     * A backup that is under way.
     *
     * @param pause how long the guest was paused; zero if it was not
     * @param freeze whether its file systems were frozen; empty if its agent was not asked
     */
    public record Taken(SealedFile guestState, Instant time, Duration pause, Optional<FreezeOutcome> freeze) {}

    public DiskInstant(
            UUID vm,
            GuestBackups backups,
            GuestPause pause,
            GuestFreeze freeze,
            Sealing sealing,
            Failpoints failpoints,
            InstantSource clock) {
        this.vm = vm;
        this.backups = backups;
        this.pause = pause;
        this.freeze = freeze;
        this.sealing = sealing;
        this.failpoints = failpoints;
        this.clock = clock;
    }

    /** @param pausing is called before the guest is paused, and after it was resumed */
    public Taken take(BackupSpec spec, Preparation scratch, Consumer<Boolean> pausing) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            scratch.prepare();
            Optional<Taken> taken = freeze.during(() -> attempt(spec));
            if (taken.isPresent()) {
                return taken.get();
            }
            undo(spec);
        }
        scratch.prepare();
        // Not the other way round: a guest that is paused thaws nothing.
        Optional<Taken> taken = freeze.during(() -> {
            pausing.accept(true);
            failpoints.reached(Failpoint.BACKUP_PAUSE_RECORDED);
            Optional<Taken> now = whilePaused(spec);
            pausing.accept(false);
            return now;
        });
        if (taken.isEmpty()) {
            undo(spec);
        }
        return taken.orElseThrow(
                () -> new RefusedException(
                        Reason.BackupNotAtOneInstant,
                        "the guest changed its TPM or its UEFI variables during each attempt, and could not be paused for long enough"));
    }

    /** Empty if the guest may have run between the disks' instant and that of its state. */
    private Optional<Taken> whilePaused(BackupSpec spec) throws IOException {
        Instant since = clock.instant();
        Attempt attempt = new Attempt(spec);
        try {
            return pause.during(vm, PAUSE, attempt)
                    ? attempt.taken.map(taken -> new Taken(
                            taken.guestState(), taken.time(), Duration.between(since, clock.instant()), taken.freeze()))
                    : Optional.empty();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private final class Attempt implements Runnable {
        private final BackupSpec spec;
        private Optional<Taken> taken = Optional.empty();

        Attempt(BackupSpec spec) {
            this.spec = spec;
        }

        @Override
        public void run() {
            try {
                taken = attempt(spec);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Empty if the guest has changed its state meanwhile: the job may have begun. */
    private Optional<Taken> attempt(BackupSpec spec) throws IOException {
        Optional<SealedFile> before = sealed();
        if (before.isEmpty()) {
            return Optional.empty();
        }
        Instant time = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        backups.begin(vm, spec);
        failpoints.reached(Failpoint.BACKUP_BEGUN);
        return sealed().filter(after -> after.version().equals(before.get().version()))
                .map(after -> new Taken(after, time, Duration.ZERO, freeze.outcome()));
    }

    /** A state that cannot be sealed is no reason to pause the guest. */
    private Optional<SealedFile> sealed() {
        try {
            return sealing.seal();
        } catch (IOException e) {
            throw new RefusedException(
                    Reason.GuestStateNotSealed, "the guest state cannot be saved: " + e.getMessage(), e);
        }
    }

    private void undo(BackupSpec spec) {
        backups.end(vm);
        backups.deleteCheckpoint(vm, spec.checkpoint());
    }
}
