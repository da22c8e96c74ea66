package io.trustedlaunch.e2e;

import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationStatus;
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

/** One move of a guest during which something goes wrong; and what came of it. */
final class HarmfulMove implements AutoCloseable {
    private static final String OPERATOR = "operator-1";
    private static final String CERTIFICATE = "/etc/pki/qemu/server-cert.pem";
    private static final String TPM_STATES = "/var/lib/libvirt/swtpm";

    /** Of address space; a guest of 512 MiB takes more by itself. */
    private static final String ENOUGH_FOR_LIBVIRTD = "1600000000";

    private static final int UNTIL_LIBVIRTD_IS_BACK = 3;
    private static final long LONGEST_HARM_MINUTES = 3;

    private final Lab lab;
    private final String source;
    private final String target;
    private final List<Process> underway = new ArrayList<>();
    private final List<Armed> armed = new ArrayList<>();

    private record Armed(String component, Failpoint point) {}

    /**
     * @param stoodStill at most, while it was under way and until all was well again
     * @param passed whether all that was to go wrong did: a move that fails early has fewer phases
     */
    record Outcome(VMMigrationStatus.Phase phase, Duration took, Duration stoodStill, boolean passed, String why) {}

    private HarmfulMove(Lab lab, MovingGuest guest) {
        this.lab = lab;
        this.source = guest.host();
        this.target = guest.otherHost();
    }

    static Outcome of(Lab lab, MovingGuest guest, GuestWatch watch, List<Harm> harms) {
        Optional<Outcome> outcome = Optional.empty();
        while (outcome.isEmpty()) {
            outcome = tried(lab, guest, watch, harms);
        }
        return outcome.get();
    }

    /** Empty where the guest went since the target's agent put back what was to be missing, as it does every ten minutes. */
    private static Optional<Outcome> tried(Lab lab, MovingGuest guest, GuestWatch watch, List<Harm> harms) {
        long begin = System.nanoTime();
        watch.longestPause();
        VMMigrationStatus ended;
        boolean passed;
        boolean wentSinceMended;
        try (HarmfulMove move = new HarmfulMove(lab, guest)) {
            harms.forEach(move::prepare);
            VMMigration asked = guest.ask();
            ended = guest.awaitEnd(asked);
            wentSinceMended = ended.phase() == VMMigrationStatus.Phase.Succeeded && move.hasCertificateAgain();
            boolean phasesPassed = move.underway.stream().noneMatch(HarmfulMove::waits);
            move.awaitEndOfHarm();
            if (harms.stream().anyMatch(Harm::lasts)) {
                guest.awaitGoingOn();
            } else {
                guest.awaitSettled();
            }
            passed = phasesPassed && move.diedEverywhere();
        }
        guest.awaitSettled();
        guest.awaitNothingLeftBehind();
        guest.awaitMigratable();
        Outcome outcome = new Outcome(
                ended.phase(),
                Duration.ofNanos(System.nanoTime() - begin),
                watch.longestPause(),
                passed,
                ended.conditions().getFirst().getMessage());
        return wentSinceMended ? Optional.empty() : Optional.of(outcome);
    }

    private void prepare(Harm harm) {
        switch (harm) {
            case Harm.DiesAt(Failpoint point) -> arm(point);
            case Harm.AgentDies(Harm.Side side, MovePhase phase) -> when(phase, "agent", host(side), "kill");
            case Harm.OperatorDies(MovePhase phase) -> when(phase, "operator", "kill");
            case Harm.LibvirtdDies(Harm.Side side, MovePhase phase) ->
                when(phase, "libvirtd", host(side), "kill", "--for", String.valueOf(UNTIL_LIBVIRTD_IS_BACK));
            case Harm.TargetHasNoCertificate() -> lab.exec(target, "mv", CERTIFICATE, CERTIFICATE + ".away");
            case Harm.TargetHasNoMemory() -> limitMemory(ENOUGH_FOR_LIBVIRTD);
            case Harm.TargetHasNoDisk() ->
                lab.exec(target, "mount", "-t", "tmpfs", "-o", "size=4k,mode=0711", "full", TPM_STATES);
            case Harm.LinkIsCut(MovePhase phase, int seconds) ->
                when(phase, "link", source, "down", target, "--for", String.valueOf(seconds));
            case Harm.LinkIsCutForGood(MovePhase phase) -> when(phase, "link", source, "down", target);
            case Harm.HostIsDeaf(Harm.Side side, MovePhase phase, int seconds) ->
                when(phase, "link", host(side), "deaf", otherThan(side), "--for", String.valueOf(seconds));
            case Harm.HostIsCutOff(Harm.Side side, MovePhase phase, int seconds) ->
                when(phase, "link", host(side), "down", "--for", String.valueOf(seconds));
        }
    }

    /** Its children are born with the limit. */
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

    private void when(MovePhase phase, String... command) {
        List<String> line = new ArrayList<>(List.of("when", source, phase.logged()));
        line.addAll(List.of(command));
        underway.add(lab.begin(line.toArray(String[]::new)));
    }

    private String host(Harm.Side side) {
        return switch (side) {
            case SOURCE -> source;
            case TARGET -> target;
        };
    }

    private String otherThan(Harm.Side side) {
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

    /** Whatever has begun lasts as long as it was to; what still waits for its phase is called off. */
    private void awaitEndOfHarm() {
        underway.stream().filter(HarmfulMove::waits).forEach(HarmfulMove::callOff);
        underway.forEach(HarmfulMove::await);
    }

    /** The log is read by a child for as long as the phase has not come. */
    private static boolean waits(Process harm) {
        return harm.isAlive()
                && harm.descendants()
                        .anyMatch(child -> child.info().command().orElse("").endsWith("tail"));
    }

    private static void callOff(Process harm) {
        harm.descendants().forEach(ProcessHandle::destroy);
        harm.destroy();
    }

    private static void await(Process harm) {
        try {
            if (!harm.waitFor(LONGEST_HARM_MINUTES, TimeUnit.MINUTES)) {
                throw new IllegalStateException("it does not end: " + harm.info());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whatever happened, the lab is whole for the next. */
    @Override
    public void close() {
        underway.forEach(HarmfulMove::callOff);
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
