package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.agent.domain.Acceleration;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.imagecopy.Images.Result.Awaited;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.plan.StartSource;
import io.trustedlaunch.agent.incarnation.state.Secrets;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.nio.file.Path;
import java.util.Optional;

/** Makes everything up to the paused domain. Each part keeps what an earlier attempt has made. */
final class Preparation {
    private final HostRequirements requirements;
    private final Secrets secrets;
    private final IncarnationDisks disks;
    private final CopyPreparation copy;
    private final SeedDisc seeds;
    private final ConsoleLogs consoleLogs;
    private final Hypervisor hypervisor;
    private final Failpoints failpoints;

    Preparation(
            HostRequirements requirements,
            Secrets secrets,
            IncarnationDisks disks,
            CopyPreparation copy,
            SeedDisc seeds,
            ConsoleLogs consoleLogs,
            Hypervisor hypervisor,
            Failpoints failpoints) {
        this.requirements = requirements;
        this.secrets = secrets;
        this.disks = disks;
        this.copy = copy;
        this.seeds = seeds;
        this.consoleLogs = consoleLogs;
        this.hypervisor = hypervisor;
        this.failpoints = failpoints;
    }

    /** Returns the image that is waited for; empty: the domain is there. */
    Optional<Awaited> prepare(IncarnationFacts facts, StartSource source) {
        EnvelopeContent content = secrets.open(facts);
        Acceleration acceleration = requirements.require(facts.spec().machine());
        Optional<Awaited> awaited = disks.make(facts);
        if (awaited.isEmpty()) {
            makeDomain(facts, source, content, acceleration);
        }
        return awaited;
    }

    private void makeDomain(
            IncarnationFacts facts, StartSource source, EnvelopeContent content, Acceleration acceleration) {
        Optional<Path> seed = seeds.make(facts.vm(), facts.spec().vmRef().name(), content.files());
        consoleLogs.ensure(facts.vm());
        DomainSpec spec = DomainSpecs.of(facts.spec(), facts.vm(), seed, consoleLogs.of(facts.vm()), acceleration);
        try (TpmSecret secret = secrets.tpmSecret(content, facts.vm())) {
            copy.make(facts, source, spec, secret);
            hypervisor.createPaused(spec, secret);
        }
        failpoints.reached(Failpoint.AGENT_DOMAIN_CREATED);
    }
}
