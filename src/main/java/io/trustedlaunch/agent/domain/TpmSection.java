package io.trustedlaunch.agent.domain;

import java.util.stream.Stream;

/** The TPM. Its state outlives the transient domain, encrypted with this VM's secret. */
final class TpmSection implements Section {
    @Override
    public Stream<Xml> of(DomainSpec spec) {
        // The libvirt secret has the VM's UID too, so that it can be found without a record.
        Xml encryption = Xml.element("encryption").with("secret", spec.vm());
        Xml backend = Xml.element("backend")
                .with("type", "emulator")
                .with("version", "2.0")
                .with("persistent_state", "yes")
                .containing(encryption);
        return Stream.of(Xml.element("tpm").with("model", "tpm-crb").containing(backend));
    }
}
