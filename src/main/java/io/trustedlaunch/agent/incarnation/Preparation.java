package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.GuestProcessor;
import io.trustedlaunch.agent.folder.Permit;
import io.trustedlaunch.agent.imagecopy.Images.Result.Awaited;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.plan.StartSource;
import io.trustedlaunch.agent.incarnation.plan.Waiting;
import io.trustedlaunch.agent.incarnation.state.GuestDomains;
import io.trustedlaunch.agent.incarnation.state.Secrets;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.gueststate.GuestState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Makes everything up to the paused domain. Each part keeps what an earlier attempt has made. */
final class Preparation {
    private static final Duration UNTIL_IMAGE = Duration.ofSeconds(5);

    /** The leader raises its mark before it makes an incarnation; the two come by different watches. */
    private static final Duration UNTIL_CONFIRMED = Duration.ofMillis(250);

    private static final Duration UNTIL_SERVED = Duration.ofSeconds(1);

    private static final Problem NOT_SERVED = new Problem(
            Reason.DisksFilling,
            "the backup that the VM's disks are filled from is not served on this node yet; the VM's status says what"
                    + " hinders it");

    private final HostRequirements requirements;
    private final Secrets secrets;
    private final IncarnationDisks disks;
    private final WorkingCopyPreparation copy;
    private final EkReadings readings;
    private final SeedDisc seeds;
    private final ConsoleLogs consoleLogs;
    private final DiscChanger discs;
    private final GuestDomains domains;
    private final FolderAccess folders;
    private final IncarnationHook hook;
    private final OpenedDisks opened;
    private final Failpoints failpoints;

    Preparation(
            HostRequirements requirements,
            Secrets secrets,
            IncarnationDisks disks,
            WorkingCopyPreparation copy,
            EkReadings readings,
            SeedDisc seeds,
            ConsoleLogs consoleLogs,
            DiscChanger discs,
            GuestDomains domains,
            FolderAccess folders,
            IncarnationHook hook,
            OpenedDisks opened,
            Failpoints failpoints) {
        this.requirements = requirements;
        this.secrets = secrets;
        this.disks = disks;
        this.copy = copy;
        this.readings = readings;
        this.seeds = seeds;
        this.consoleLogs = consoleLogs;
        this.discs = discs;
        this.domains = domains;
        this.folders = folders;
        this.hook = hook;
        this.opened = opened;
        this.failpoints = failpoints;
    }

    /**
     * Returns what is waited for; empty: the domain is there. The gate is asked before a disk is grown, or opened for writing:
     * a guest elsewhere that is not dead may write to it.
     */
    Optional<Waiting> prepare(IncarnationFacts facts, StartSource source) {
        EnvelopeContent content = secrets.open(facts);
        GuestProcessor processor = requirements.require(facts.spec().machineNow());
        Optional<Permit> entered = folders.toPrepare(facts);
        if (entered.isEmpty()) {
            // All that could be refused before was passed; what comes after is decided anew.
            return Optional.of(new Waiting(UNTIL_CONFIRMED, Optional.empty(), true));
        }
        try (Permit permit = entered.get()) {
            Optional<GuestState> from = copy.open(facts, source);
            from.ifPresent(state -> ListedDisks.require(facts, state));
            Optional<Awaited> awaited = disks.make(permit, facts, from).or(() -> discs.awaited(facts.spec()));
            if (awaited.isPresent()) {
                return awaited.map(image -> new Waiting(UNTIL_IMAGE, image.problem(), false));
            }
            Optional<Path> served = facts.diskFill().flatMap(hook::fillSocket);
            if (facts.diskFill().isPresent() && served.isEmpty()) {
                return Optional.of(new Waiting(UNTIL_SERVED, Optional.of(NOT_SERVED), false));
            }
            makeDomain(permit, facts, source, from, content, processor, served);
            opened.note(facts);
            return Optional.empty();
        }
    }

    private void makeDomain(
            Permit permit,
            IncarnationFacts facts,
            StartSource source,
            Optional<GuestState> from,
            EnvelopeContent content,
            GuestProcessor processor,
            Optional<Path> served) {
        Optional<Path> seed = seeds.make(facts.vm(), facts.spec().vmRef().name(), content.files());
        consoleLogs.ensure(facts.vm());
        DomainSpec whole = discs.atStart(
                facts.spec().machineNow(),
                DomainSpecs.of(facts.spec(), facts.vm(), seed, consoleLogs.of(facts.vm()), processor));
        DomainSpec spec = served.map(
                        socket -> DomainSpecs.filledFrom(whole, facts.diskFill().orElseThrow(), socket))
                .orElse(whole);
        try (TpmSecret secret = secrets.tpmSecret(content, facts.vm())) {
            copy.make(facts, source, from, spec, secret);
            readings.begin(facts);
            domains.createPaused(permit, spec, secret);
        }
        failpoints.reached(Failpoint.AGENT_DOMAIN_CREATED);
    }
}
