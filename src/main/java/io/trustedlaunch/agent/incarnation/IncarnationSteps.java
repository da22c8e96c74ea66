package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.disks.Progress;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.IpAddress;
import io.trustedlaunch.agent.incarnation.IncarnationStep.AwaitWord;
import io.trustedlaunch.agent.incarnation.IncarnationStep.CutPower;
import io.trustedlaunch.agent.incarnation.IncarnationStep.Erase;
import io.trustedlaunch.agent.incarnation.IncarnationStep.LetRun;
import io.trustedlaunch.agent.incarnation.IncarnationStep.Prepare;
import io.trustedlaunch.agent.incarnation.IncarnationStep.PressPowerButton;
import io.trustedlaunch.agent.incarnation.IncarnationStep.Refuse;
import io.trustedlaunch.agent.incarnation.IncarnationStep.RememberEnd;
import io.trustedlaunch.agent.incarnation.IncarnationStep.RememberEpoch;
import io.trustedlaunch.agent.incarnation.IncarnationStep.ResumeIfDisksHaveRoom;
import io.trustedlaunch.agent.incarnation.IncarnationStep.StandBack;
import io.trustedlaunch.agent.incarnation.IncarnationStep.TellEnded;
import io.trustedlaunch.agent.incarnation.IncarnationStep.TellErased;
import io.trustedlaunch.agent.incarnation.IncarnationStep.TellPaused;
import io.trustedlaunch.agent.incarnation.IncarnationStep.Watch;
import io.trustedlaunch.agent.incarnation.Next.Again;
import io.trustedlaunch.agent.incarnation.Next.LookAfter;
import io.trustedlaunch.api.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Carries out one step. All of them may be repeated. */
final class IncarnationSteps {
    static final Duration AT_LEISURE = Duration.ofSeconds(30);
    private static final Duration UNTIL_ADDRESSES = Duration.ofSeconds(5);
    private static final Duration BETWEEN_PRESSES = Duration.ofSeconds(10);

    private final Host host;
    private final Preparation preparation;
    private final GuestRelease release;
    private final Ending ending;
    private final IncarnationTeller teller;
    private final Failpoints failpoints;
    private final InstantSource clock;

    IncarnationSteps(
            Host host,
            Secrets secrets,
            Ownership.Reader owners,
            IncarnationTeller teller,
            Failpoints failpoints,
            InstantSource clock) {
        this.host = host;
        this.preparation = new Preparation(host, secrets, failpoints);
        this.release = new GuestRelease(host, secrets, owners, teller, failpoints);
        this.ending = new Ending(host, failpoints);
        this.teller = teller;
        this.failpoints = failpoints;
        this.clock = clock;
    }

    Next carryOut(IncarnationFacts facts, IncarnationStep step) {
        return switch (step) {
            case RememberEpoch(boolean ran) -> rememberEpoch(facts, ran);
            case Prepare(boolean manufactureTpm) -> {
                preparation.prepare(facts, manufactureTpm, progress(facts));
                yield new Again();
            }
            case LetRun letRun -> {
                release.letRun(facts);
                yield new Again();
            }
            case Watch watch -> watch(facts);
            case TellPaused(String message) -> {
                teller.tell(facts.incarnation(), new IncarnationStatus(facts.incarnation()).paused(message));
                yield new LookAfter(AT_LEISURE);
            }
            case ResumeIfDisksHaveRoom(String message) -> {
                if (release.resumeIfDisksHaveRoom(facts)) {
                    yield new Again();
                }
                teller.tell(facts.incarnation(), new IncarnationStatus(facts.incarnation()).paused(message));
                yield new LookAfter(AT_LEISURE);
            }
            case AwaitWord(Duration delay) -> new LookAfter(delay);
            case RememberEnd(var exit) -> {
                ending.rememberEnd(facts.vm(), facts.epoch(), exit);
                yield new Again();
            }
            case TellEnded(var exit) -> {
                ending.clear(facts.vm());
                teller.tell(facts.incarnation(), new IncarnationStatus(facts.incarnation()).ended(exit));
                failpoints.reached(Failpoint.AGENT_STOP_REPORTED);
                yield new LookAfter(AT_LEISURE);
            }
            case PressPowerButton(Instant deadline) -> pressPowerButton(facts, deadline);
            case CutPower(var exit) -> {
                ending.cutPower(facts, exit);
                yield new Again();
            }
            case Erase(var exit) -> {
                ending.erase(facts, exit);
                yield new Again();
            }
            case TellErased(var exit) -> {
                teller.tell(facts.incarnation(), new IncarnationStatus(facts.incarnation()).erased(exit));
                failpoints.reached(Failpoint.AGENT_ERASE_REPORTED);
                yield new LookAfter(AT_LEISURE);
            }
            case StandBack(var exit) -> {
                teller.tell(facts.incarnation(), new IncarnationStatus(facts.incarnation()).superseded(exit));
                yield new LookAfter(AT_LEISURE);
            }
            case Refuse(var reason, String message) -> throw new RefusedException(reason, message);
        };
    }

    private Next rememberEpoch(IncarnationFacts facts, boolean ran) {
        if (facts.memory() instanceof Recollection.Damaged) {
            host.memory().setAside(facts.vm());
        }
        VmRecord seen = facts.memory()
                .known()
                .map(record -> record.seen(facts.epoch()))
                .orElseGet(() -> VmRecord.firstSeen(facts.epoch()));
        host.memory().remember(facts.vm(), ran ? seen.resumed(facts.epoch()) : seen);
        failpoints.reached(Failpoint.AGENT_EPOCH_REMEMBERED);
        return new Again();
    }

    private Next pressPowerButton(IncarnationFacts facts, Instant deadline) {
        ending.pressPowerButton(facts, deadline);
        Duration left = Duration.between(facts.now(), deadline);
        return new LookAfter(left.compareTo(BETWEEN_PRESSES) < 0 ? left : BETWEEN_PRESSES);
    }

    /** A guest that has just begun to run has no address yet, and is told of at once. */
    private Next watch(IncarnationFacts facts) {
        IncarnationStatus statuses = new IncarnationStatus(facts.incarnation());
        if (!facts.toldRunning()) {
            teller.tell(facts.incarnation(), statuses.running(List.of()));
            failpoints.reached(Failpoint.AGENT_RUNNING_REPORTED);
            return new LookAfter(UNTIL_ADDRESSES);
        }
        Hypervisor hypervisor = host.hypervisor();
        List<IpAddress> addresses = hypervisor.addresses(facts.vm());
        VMIncarnationStatus status = statuses.running(addresses);
        teller.tell(facts.incarnation(), status);
        List<Nic> nics = Optional.ofNullable(facts.spec().machine().nics()).orElse(List.of());
        return new LookAfter(nics.isEmpty() || !addresses.isEmpty() ? AT_LEISURE : UNTIL_ADDRESSES);
    }

    private Progress progress(IncarnationFacts facts) {
        return new ToldProgress(
                clock,
                message -> teller.tell(
                        facts.incarnation(), new IncarnationStatus(facts.incarnation()).preparing(message)));
    }
}
