package io.trustedlaunch.agent;

import io.trustedlaunch.agent.incarnation.state.SwtpmTpms;
import io.trustedlaunch.agent.incarnation.state.Tpms;
import io.trustedlaunch.agent.tpm.EkProbe;
import io.trustedlaunch.agent.tpm.SwtpmFactory;
import io.trustedlaunch.agent.tpm.SwtpmPreflight;
import io.trustedlaunch.agent.tpm.SwtpmTools;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Supplier;

/** The host's swtpm: its preflight, and the TPMs it makes. */
record Swtpm(Supplier<SwtpmPreflight> preflight, Tpms tpms) {
    private static final Duration PROBE = Duration.ofSeconds(30);
    private static final Duration MANUFACTURE = Duration.ofMinutes(2);

    /** @param runFolder in memory */
    static Swtpm of(SwtpmTools tools, Path runFolder, SecureRandom random) {
        Path folder = runFolder.resolve("tpm");
        EkProbe probe = new EkProbe(tools, folder, PROBE, UUID::randomUUID);
        SwtpmFactory factory = new SwtpmFactory(tools, probe, MANUFACTURE);
        return new Swtpm(
                () -> new SwtpmPreflight(tools, factory, folder, random, UUID::randomUUID),
                new SwtpmTpms(factory, probe));
    }
}
