package io.trustedlaunch.e2e;

import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.GuestWatch;
import io.trustedlaunch.testkit.Lab;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** One migration of a guest with faults injected, and its outcome. */
final class FaultyMigration implements AutoCloseable {
    private static final String OPERATOR = "operator-1";
    private static final String CERTIFICATE = "/etc/pki/qemu/server-cert.pem";
    private static final String TPM_STATES = "/var/lib/libvirt/swtpm";

    /** Address space in bytes; a guest of 512 MiB alone needs more. */
    private static final String LIBVIRTD_ADDRESS_SPACE = "1600000000";

    private static final int LIBVIRTD_DOWN_SECONDS = 3;
    private static final long LONGEST_FAULT_MINUTES = 3;

    private final Lab lab;
    private final String source;
    private final String target;
    private final List<Process> underway = new ArrayList<>();
    private final List<Armed> armed = new ArrayList<>();

    private record Armed(String component, Failpoint point) {}

    /**
     * @param longestPause how long at most no guest executed, from the request until all was cleaned up
     * @param allInjected whether every fault took place: a migration that fails early has fewer phases
     */
    record Outcome(
            VMMigrationStatus.Phase phase, Duration took, Duration longestPause, boolean allInjected, String message) {}

    private FaultyMigration(Lab lab, MigratingGuest guest) {
        this.lab = lab;
        this.source = guest.host();
        this.target = guest.otherHost();
    }

    static Outcome of(Lab lab, MigratingGuest guest, GuestWatch watch, List<Fault> faults) {
        Optional<Outcome> outcome = Optional.empty();
        while (outcome.isEmpty()) {
            outcome = attempt(lab, guest, watch, faults);
        }
        return outcome.get();
    }

    /** Empty if the migration succeeded because the target's agent restored the certificate, as it does every ten minutes. */
    private static Optional<Outcome> attempt(Lab lab, MigratingGuest guest, GuestWatch watch, List<Fault> faults) {
        long begin = System.nanoTime();
        watch.longestPause();
        VMMigrationStatus ended;
        boolean allInjected;
        boolean certificateRestored;
        try (FaultyMigration migration = new FaultyMigration(lab, guest)) {
            faults.forEach(migration::prepare);
            ended = guest.awaitEnd(guest.migrate());
            certificateRestored = ended.phase() == VMMigrationStatus.Phase.Succeeded && migration.hasCertificateAgain();
            boolean phasesReached = migration.underway.stream().noneMatch(FaultyMigration::isWaiting);
            migration.awaitEndOfFaults();
            if (faults.stream().anyMatch(Fault::isPermanent)) {
                guest.awaitRunning();
            } else {
                guest.awaitSettled();
            }
            allInjected = phasesReached && migration.diedEverywhere();
        }
        guest.awaitSettled();
        guest.awaitNothingLeftBehind();
        guest.awaitMigratable();
        Outcome outcome = new Outcome(
                ended.phase(),
                Duration.ofNanos(System.nanoTime() - begin),
                watch.longestPause(),
                allInjected,
                ended.conditions().getFirst().getMessage());
        return certificateRestored ? Optional.empty() : Optional.of(outcome);
    }

    private void prepare(Fault fault) {
        switch (fault) {
            case Fault.DiesAt(Failpoint point) -> arm(point);
            case Fault.AgentDies(Fault.Side side, MigrationPhase phase) -> when(phase, "agent", host(side), "kill");
            case Fault.OperatorDies(MigrationPhase phase) -> when(phase, "operator", "kill");
            case Fault.LibvirtdDies(Fault.Side side, MigrationPhase phase) ->
                when(phase, "libvirtd", host(side), "kill", "--for", String.valueOf(LIBVIRTD_DOWN_SECONDS));
            case Fault.TargetHasNoCertificate() -> lab.exec(target, "mv", CERTIFICATE, CERTIFICATE + ".away");
            case Fault.TargetHasNoMemory() -> limitMemory(LIBVIRTD_ADDRESS_SPACE);
            case Fault.TargetHasNoDisk() ->
                lab.exec(target, "mount", "-t", "tmpfs", "-o", "size=4k,mode=0711", "full", TPM_STATES);
            case Fault.LinkIsCut(MigrationPhase phase, int seconds) ->
                when(phase, "link", source, "down", target, "--for", String.valueOf(seconds));
            case Fault.LinkIsCutPermanently(MigrationPhase phase) -> when(phase, "link", source, "down", target);
            case Fault.HostIsDeaf(Fault.Side side, MigrationPhase phase, int seconds) ->
                when(phase, "link", host(side), "deaf", otherThan(side), "--for", String.valueOf(seconds));
            case Fault.HostIsCutOff(Fault.Side side, MigrationPhase phase, int seconds) ->
                when(phase, "link", host(side), "down", "--for", String.valueOf(seconds));
        }
    }

    /** The processes that libvirtd starts inherit the limit. */
    private void limitMemory(String bytes) {
        lab.exec(target, "sh", "-c", "prlimit --pid $(cat /run/libvirtd.pid) --as=" + bytes + ":");
    }

    private void arm(Failpoint point) {
        String component = point.id().startsWith("operator.")
                ? OPERATOR
                : "agent-" + (point.id().startsWith("source.") ? source : target);
        lab.arm(component, point);
        armed.add(new Armed(component, point));
    }

    private void when(MigrationPhase phase, String... command) {
        underway.add(lab.when(source, phase.logged(), command));
    }

    private String host(Fault.Side side) {
        return switch (side) {
            case SOURCE -> source;
            case TARGET -> target;
        };
    }

    private String otherThan(Fault.Side side) {
        return host(side).equals(source) ? target : source;
    }

    private boolean diedEverywhere() {
        return armed.stream().noneMatch(one -> lab.isArmed(one.component(), one.point()));
    }

    private boolean hasCertificateAgain() {
        return Files.exists(certificateAway()) && Files.exists(lab.onHost(target, CERTIFICATE.substring(1)));
    }

    private Path certificateAway() {
        return lab.onHost(target, CERTIFICATE.substring(1) + ".away");
    }

    /** Cancels the faults that still wait for their phase, and lets the others run to their end. */
    private void awaitEndOfFaults() {
        underway.stream().filter(FaultyMigration::isWaiting).forEach(FaultyMigration::cancel);
        underway.forEach(FaultyMigration::await);
    }

    /** A child process reads the log until the phase begins. */
    private static boolean isWaiting(Process fault) {
        return fault.isAlive()
                && fault.descendants()
                        .anyMatch(child -> child.info().command().orElse("").endsWith("tail"));
    }

    private static void cancel(Process fault) {
        fault.descendants().forEach(ProcessHandle::destroy);
        fault.destroy();
    }

    private static void await(Process fault) {
        try {
            if (!fault.waitFor(LONGEST_FAULT_MINUTES, TimeUnit.MINUTES)) {
                throw new IllegalStateException("the fault does not end: " + fault.info());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Repairs the lab for the next migration. */
    @Override
    public void close() {
        underway.forEach(FaultyMigration::cancel);
        armed.forEach(one -> lab.disarm(one.component(), one.point()));
        if (Files.exists(certificateAway())) {
            lab.exec(target, "mv", CERTIFICATE + ".away", CERTIFICATE);
        }
        lab.exec(target, "sh", "-c", "! mountpoint -q " + TPM_STATES + " || umount " + TPM_STATES);
        lab.run("link", source, "up", target).orFail();
        lab.hosts().forEach(host -> lab.run("link", host, "up").orFail());
        lab.hosts().forEach(host -> lab.run("libvirtd", host, "start").orFail());
        limitMemory("unlimited");
    }
}
