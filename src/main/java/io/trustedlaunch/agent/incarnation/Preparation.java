package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.agent.domain.Acceleration;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.folder.Permit;
import io.trustedlaunch.agent.imagecopy.Images.Result.Awaited;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.plan.StartSource;
import io.trustedlaunch.agent.incarnation.plan.Waiting;
import io.trustedlaunch.agent.incarnation.state.GuestDomains;
import io.trustedlaunch.agent.incarnation.state.Secrets;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Makes everything up to the paused domain. Each part keeps what an earlier attempt has made. */
final class Preparation {
    private static final Duration UNTIL_IMAGE = Duration.ofSeconds(5);

    /** The leader raises its mark before it makes an incarnation; the two come by different watches. */
    private static final Duration UNTIL_CONFIRMED = Duration.ofMillis(250);

    private final HostRequirements requirements;
    private final Secrets secrets;
    private final IncarnationDisks disks;
    private final WorkingCopyPreparation copy;
    private final SeedDisc seeds;
    private final ConsoleLogs consoleLogs;
    private final GuestDomains domains;
    private final FolderAccess folders;
    private final OpenedDisks opened;
    private final Failpoints failpoints;

    Preparation(
            HostRequirements requirements,
            Secrets secrets,
            IncarnationDisks disks,
            WorkingCopyPreparation copy,
            SeedDisc seeds,
            ConsoleLogs consoleLogs,
            GuestDomains domains,
            FolderAccess folders,
            OpenedDisks opened,
            Failpoints failpoints) {
        this.requirements = requirements;
        this.secrets = secrets;
        this.disks = disks;
        this.copy = copy;
        this.seeds = seeds;
        this.consoleLogs = consoleLogs;
        this.domains = domains;
        this.folders = folders;
        this.opened = opened;
        this.failpoints = failpoints;
    }

    /**
     * Returns what is waited for; empty: the domain is there. The gate is asked before a disk is grown, or opened for writing:
     * a guest elsewhere that is not dead may write to it.
     */
    Optional<Waiting> prepare(IncarnationFacts facts, StartSource source) {
        EnvelopeContent content = secrets.open(facts);
        Acceleration acceleration = requirements.require(facts.spec().machine());
        Optional<Permit> entered = folders.toPrepare(facts);
        if (entered.isEmpty()) {
            return Optional.of(new Waiting(UNTIL_CONFIRMED, Optional.empty()));
        }
        try (Permit permit = entered.get()) {
            Optional<Awaited> awaited = disks.make(permit, facts);
            if (awaited.isEmpty()) {
                makeDomain(permit, facts, source, content, acceleration);
                opened.note(facts);
            }
            return awaited.map(image -> new Waiting(UNTIL_IMAGE, image.problem()));
        }
    }

    private void makeDomain(
            Permit permit,
            IncarnationFacts facts,
            StartSource source,
            EnvelopeContent content,
            Acceleration acceleration) {
        Optional<Path> seed = seeds.make(facts.vm(), facts.spec().vmRef().name(), content.files());
        consoleLogs.ensure(facts.vm());
        DomainSpec spec = DomainSpecs.of(facts.spec(), facts.vm(), seed, consoleLogs.of(facts.vm()), acceleration);
        try (TpmSecret secret = secrets.tpmSecret(content, facts.vm())) {
            copy.make(facts, source, spec, secret);
            domains.createPaused(permit, spec, secret);
        }
        failpoints.reached(Failpoint.AGENT_DOMAIN_CREATED);
    }
}
