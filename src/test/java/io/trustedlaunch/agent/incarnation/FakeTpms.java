package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.hypervisor.FakeHypervisor;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.tpm.TpmSecret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;

/** TPMs whose state is their endorsement key; each that is made has another. */
final class FakeTpms implements Tpms {
    private final FakeHypervisor hypervisor;
    private int made;

    FakeTpms(FakeHypervisor hypervisor) {
        this.hypervisor = hypervisor;
    }

    @Override
    public void manufacture(WorkingCopy copy, TpmSecret secret) {
        if (!Files.exists(copy.tpmState())) {
            made++;
            hypervisor.putTpm(copy.vm(), "ek-" + made);
        }
    }

    @Override
    public Ek probe(WorkingCopy copy, TpmSecret secret) {
        try {
            String tpm = Files.readString(copy.tpmState());
            return new Ek(tpm, "public-area-of-" + tpm);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int made() {
        return made;
    }
}
